/// The resistor inside the chip that holds a line whose contact is open.
public enum GPIOBias: Sendable, Hashable, CaseIterable {
  /// Whatever firmware or device tree chose.
  case asIs
  case pullUp, pullDown
  /// None: there is one on the board.
  case disabled
}
