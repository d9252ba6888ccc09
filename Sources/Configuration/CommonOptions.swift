/// The options that every subcommand takes, and that the supervisor hands down to its children.
public struct CommonOptions: Sendable, Equatable {
  public var root = "/"
  /// The browser client's directory.
  public var web: String?
  /// In place of `etc/fieldbox/fieldbox.conf` under the root.
  public var boxConfiguration: String?
  /// In place of `etc/fieldbox/board.conf` under the root.
  public var boardConfiguration: String?
  /// `section.key=value`, in their order.
  public var settings: [String] = []

  public init() {}

  /// Takes what it knows out of `arguments` and leaves the rest in its order.
  public init(taking arguments: inout [String]) throws(OptionError) {
    var rest: [String] = []
    var iterator = arguments.makeIterator()
    while let argument = iterator.next() {
      guard ["--root", "--web", "--config", "--board", "--set"].contains(argument) else {
        rest.append(argument)
        continue
      }
      guard let value = iterator.next(), !value.isEmpty else { throw OptionError("\(argument) needs a value") }
      switch argument {
      case "--root": root = value
      case "--web": web = value
      case "--config": boxConfiguration = value
      case "--board": boardConfiguration = value
      default: settings.append(value)
      }
    }
    arguments = rest
  }

  public var paths: Paths {
    Paths(root: root, web: web, boxConfiguration: boxConfiguration, boardConfiguration: boardConfiguration)
  }

  /// The same options as arguments, for a child.
  public var arguments: [String] {
    var arguments = ["--root", root]
    if let web { arguments += ["--web", web] }
    if let boxConfiguration { arguments += ["--config", boxConfiguration] }
    if let boardConfiguration { arguments += ["--board", boardConfiguration] }
    for setting in settings { arguments += ["--set", setting] }
    return arguments
  }

  /// Reads both configuration files and puts the settings over them. A file that an option names must be there.
  public func load() throws(ConfigurationError) -> Configuration {
    try Configuration.load(
      paths, settings: settings, required: [boxConfiguration, boardConfiguration].compactMap { $0 })
  }
}

/// A command line that cannot be understood, in words for the person who wrote it.
public struct OptionError: Error, Equatable, Sendable, CustomStringConvertible {
  public var description: String
  public init(_ description: String) { self.description = description }
}
