/// How one colour of a lamp is connected.
public enum LampWire: Sendable, Hashable, CustomStringConvertible {
  /// A line of a GPIO chip; `activeLow` where the lamp is lit by a low level.
  case line(GPIOLineName, activeLow: Bool)
  /// One of the kernel's LEDs, by its name under `/sys/class/leds`.
  case led(String)

  /// As a board file has it: `led:NAME`, or a line of the chip by number or name.
  public init(chip: String, _ text: String, activeLow: Bool) {
    self =
      text.hasPrefix("led:")
      ? .led(String(text.dropFirst(4))) : .line(GPIOLineName(chip: chip, text), activeLow: activeLow)
  }

  public var description: String {
    switch self {
    case .line(let name, _): "\(name)"
    case .led(let name): "LED \(name)"
    }
  }
}
