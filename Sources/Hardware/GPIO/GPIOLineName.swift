/// Which line of which chip.
public struct GPIOLineName: Sendable, Hashable, CustomStringConvertible {
  public enum Line: Sendable, Hashable {
    /// Its number on the chip.
    case offset(UInt32)
    /// Its name, as the board's device tree gives it.
    case name(String)
  }
  /// By path, name or label: `/dev/gpiochip0`, `gpiochip0`, `pinctrl-bcm2711`.
  public var chip: String
  public var line: Line

  public init(chip: String, line: Line) {
    self.chip = chip
    self.line = line
  }

  /// As a board file has it: digits are a number on the chip, anything else is a name.
  public init(chip: String, _ text: String) {
    self.init(chip: chip, line: UInt32(text).map { .offset($0) } ?? .name(text))
  }

  public var description: String {
    switch line {
    case .offset(let offset): "line \(offset) of \(chip)"
    case .name(let name): "line \(name) of \(chip)"
    }
  }
}
