import Glibc
import Linux

/// A LED of the kernel's that lights one colour of a lamp.
struct LEDOutput: LampOutput {
  private static let toAllow = "run the box as root, or let the group of its user write there (Board/udev)"

  private let name: String
  private let directory: String
  private let files: FileCalls
  /// Nil until it is open.
  private var brightest: Int?
  private var wasThere = false

  init(_ name: String, in directory: String, _ files: FileCalls) {
    self.name = name
    self.directory = directory
    self.files = files
  }

  mutating func set(_ lit: Bool) throws(DeviceError) {
    let brightest: Int
    if let known = self.brightest { brightest = known } else { brightest = try open() }
    if case .failure(let error) = put("\(lit ? brightest : 0)", "brightness") {
      // Whoever comes back under this name may have another trigger.
      self.brightest = nil
      throw failure(error)
    }
  }

  /// Takes the LED from whatever makes it blink, and finds out how bright it can be.
  private mutating func open() throws(DeviceError) -> Int {
    guard !name.isEmpty, name != ".", name != "..", !name.contains("/") else {
      throw .unsupported("\(name) is no name of a LED: expected one of those in \(directory)")
    }
    let text = try files.text("\(directory)/\(name)/max_brightness").mapError { failure($0) }.get()
    guard let brightest = Int(text), brightest > 0 else {
      throw .unsupported("LED \(name): max_brightness is “\(text)”, expected a number above 0")
    }
    // A kernel without triggers has no such file.
    if case .failure(let error) = put("none", "trigger"), error.code != ENOENT { throw failure(error) }
    self.brightest = brightest
    wasThere = true
    return brightest
  }

  private func put(_ word: String, _ file: String) -> Result<Void, SystemError> {
    files.put(word, "\(directory)/\(name)/\(file)")
  }

  private func failure(_ error: SystemError) -> DeviceError {
    guard error.code == ENOENT else { return DeviceError(error, toAllow: Self.toAllow) }
    if wasThere { return .gone }
    let names = files.names(directory).sorted()
    return .missing(
      "no LED \(name) in \(directory): there is \(names.isEmpty ? "none" : names.joined(separator: ", "))")
  }

  mutating func close() {
    if brightest != nil { _ = put("0", "brightness") }
    brightest = nil
  }
}
