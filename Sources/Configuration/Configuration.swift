import Glibc

/// Both files and the command line's overrides, read together.
public struct Configuration: Sendable, Equatable {
  public var box: BoxConfiguration
  public var board: BoardConfiguration

  public init(box: BoxConfiguration = BoxConfiguration(), board: BoardConfiguration = BoardConfiguration()) {
    self.box = box
    self.board = board
  }

  /// Reads the two files and puts `settings` (`section.key=value`) over them. A file may be absent, unless it is one of
  /// `required`.
  public static func load(
    _ paths: Paths, settings: [String] = [], required: [String] = []
  ) throws(ConfigurationError) -> Configuration {
    let box = try read(paths.boxConfiguration)
    let board = try read(paths.boardConfiguration)
    for (path, text) in [(paths.boxConfiguration, box), (paths.boardConfiguration, board)]
    where text == nil && required.contains(path) {
      throw ConfigurationError(file: path, expected: "a file that can be read", got: "none")
    }
    return try parse(box: box, board: board, paths: paths, settings: settings)
  }

  /// The same on texts; nil for an absent file.
  public static func parse(
    box: String?, board: String?, paths: Paths = Paths(), settings: [String] = []
  ) throws(ConfigurationError) -> Configuration {
    var boxFile = try INIFile(box ?? "", file: paths.boxConfiguration)
    var boardFile = try INIFile(board ?? "", file: paths.boardConfiguration)
    for argument in settings {
      let setting = try Setting(argument)
      if BoxConfiguration.sections.contains(setting.section) {
        boxFile.override(setting)
      } else if BoardConfiguration.sections.contains(setting.section) {
        boardFile.override(setting)
      } else {
        let sections = BoxConfiguration.sections.union(BoardConfiguration.sections).sorted().joined(separator: ", ")
        throw ConfigurationError(
          file: "--set", key: "\(setting.section).\(setting.key)", expected: "one of the sections \(sections)",
          got: "section \(INIFile.quoted(setting.section))")
      }
    }
    return Configuration(box: try BoxConfiguration(boxFile), board: try BoardConfiguration(boardFile))
  }

  /// Nil if there is no such file.
  static func read(_ path: String) throws(ConfigurationError) -> String? {
    func failure() -> ConfigurationError {
      ConfigurationError(file: path, expected: "a file that can be read", got: String(cString: strerror(errno)))
    }
    let file = open(path, O_RDONLY | O_CLOEXEC)
    guard file >= 0 else {
      if errno == ENOENT || errno == ENOTDIR { return nil }
      throw failure()
    }
    defer { close(file) }
    var bytes = [UInt8](repeating: 0, count: INIFile.largestBytes + 1)
    var count = 0
    while count < bytes.count {
      let n = bytes.withUnsafeMutableBytes { buffer in
        Glibc.read(file, buffer.baseAddress?.advanced(by: count), buffer.count - count)
      }
      if n == 0 { break }
      if n < 0 {
        if errno == EINTR { continue }
        throw failure()
      }
      count += n
    }
    guard count <= INIFile.largestBytes else {
      throw ConfigurationError(file: path, expected: "at most \(INIFile.largestBytes) bytes", got: "more")
    }
    guard let text = String(validating: bytes[..<count], as: UTF8.self) else {
      throw ConfigurationError(file: path, expected: "UTF-8", got: "other bytes")
    }
    return text
  }
}
