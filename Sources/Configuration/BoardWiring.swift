/// The level of a line at which a button counts as pressed, or a lamp is lit.
public enum ActiveLevel: String, Sendable, CaseIterable { case low, high }

/// Where the two buttons are soldered, `[buttons]`. Without lines a board has no buttons.
public struct ButtonWiring: Sendable, Equatable {
  /// The resistor inside the chip that holds an open contact's line.
  public enum Bias: String, Sendable, CaseIterable {
    case pullUp = "pull-up"
    case pullDown = "pull-down"
    case none
    case asIs = "as-is"
  }

  /// The GPIO chip by its path, name or label, as `gpiodetect` lists them.
  public var chip = "gpiochip0"
  /// Lines by their number on the chip or by their name; nil where no such button is soldered.
  public var call: String?
  public var hangUp: String?
  public var active = ActiveLevel.low
  public var bias = Bias.pullUp

  public init() {}

  init(_ reader: inout INIReader) throws(ConfigurationError) {
    chip = try reader.text("buttons", "chip", chip)
    call = try reader.optionalText("buttons", "call")
    hangUp = try reader.optionalText("buttons", "hangup")
    active = try reader.choice("buttons", "active", active)
    bias = try reader.choice("buttons", "bias", bias)
  }
}

/// Where the three lamps are soldered, `[lamps]`; the STATUS lamp has two colours. Each is a line of the chip by its number or
/// name, or `led:NAME` for one of the kernel's LED class; nil where it is not soldered.
public struct LampWiring: Sendable, Equatable {
  /// The GPIO chip by its path, name or label.
  public var chip = "gpiochip0"
  public var statusBlue: String?
  public var statusRed: String?
  public var call: String?
  public var talk: String?
  public var active = ActiveLevel.high

  public init() {}

  init(_ reader: inout INIReader) throws(ConfigurationError) {
    chip = try reader.text("lamps", "chip", chip)
    statusBlue = try reader.optionalText("lamps", "status-blue")
    statusRed = try reader.optionalText("lamps", "status-red")
    call = try reader.optionalText("lamps", "call")
    talk = try reader.optionalText("lamps", "talk")
    active = try reader.choice("lamps", "active", active)
  }
}
