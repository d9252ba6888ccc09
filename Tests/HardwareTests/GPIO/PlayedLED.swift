import Linux

/// A folder like those of the kernel's LEDs.
struct PlayedLED {
  private let path: String

  init(_ name: String, in directory: String, brightest: String = "255", trigger: String = "heartbeat") throws {
    path = "\(directory)/\(name)"
    try Files.makeDirectory(path)
    try write(Array("\(brightest)\n".utf8), to: "\(path)/max_brightness")
    try write(Array("1\n".utf8), to: "\(path)/brightness")
    try write(Array("\(trigger)\n".utf8), to: "\(path)/trigger")
  }

  var brightness: String { text("brightness") }
  var trigger: String { text("trigger") }

  private func text(_ file: String) -> String {
    String(decoding: read("\(path)/\(file)").prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self)
  }
}
