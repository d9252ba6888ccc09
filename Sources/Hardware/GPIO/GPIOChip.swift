import Glibc
import Linux

/// The owner of an open chip.
final class GPIOChip: Sendable {
  static let toAllow = "run the box as root, or put its user into the group that may (gpio)"
  /// So many lines are named in an error, no more.
  private static let mostNamed = 16

  let handle: GPIOHandle
  let info: GPIOChipInfo
  private let calls: GPIOCalls

  private init(_ handle: GPIOHandle, _ info: GPIOChipInfo, _ calls: GPIOCalls) {
    self.handle = handle
    self.info = info
    self.calls = calls
  }

  deinit { calls.closeChip(handle) }

  /// Opens the chip at a path.
  private static func open(_ path: String, _ calls: GPIOCalls) -> Result<GPIOChip, SystemError> {
    uninterrupted { calls.openChip(path) }.flatMap { handle in
      let info = uninterrupted { calls.describeChip(handle) }
      if case .failure = info { calls.closeChip(handle) }
      return info.map { GPIOChip(handle, $0, calls) }
    }
  }

  /// Finds a chip by its path, its name or its label.
  static func find(_ wanted: String, _ calls: GPIOCalls) throws(DeviceError) -> GPIOChip {
    let paths = calls.chips()
    if let path = wanted.hasPrefix("/") ? wanted : paths.first(where: { $0.hasSuffix("/\(wanted)") }) {
      switch open(path, calls) {
      case .success(let chip): return chip
      case .failure(let error) where error.code == ENOENT: throw .missing(words(wanted, paths, calls))
      case .failure(let error) where error.code == ENOTTY: throw .unsupported("\(path) is no GPIO chip")
      case .failure(let error): throw DeviceError(error, toAllow: toAllow)
      }
    }
    var refusal: SystemError?
    for path in paths {
      switch open(path, calls) {
      case .success(let chip): if chip.info.label == wanted { return chip }
      case .failure(let error):
        // One that goes meanwhile is not there; one that does not open may be the wanted one.
        if ![ENOENT, ENODEV, ENXIO, ENOTTY].contains(error.code) { refusal = refusal ?? error }
      }
    }
    if let refusal { throw DeviceError(refusal, toAllow: toAllow) }
    throw .missing(words(wanted, paths, calls))
  }

  /// That there is no such chip, and which there are.
  private static func words(_ wanted: String, _ paths: [String], _ calls: GPIOCalls) -> String {
    var there: [String] = []
    for path in paths {
      guard case .success(let chip) = open(path, calls) else { continue }
      let words = "\(chip.info.name) (\(chip.info.label))"
      // Links lead to the same one.
      if !there.contains(words) { there.append(words) }
    }
    return "no GPIO chip \(wanted): there is \(there.isEmpty ? "none" : there.joined(separator: ", "))"
  }

  /// Where on the chip a line is.
  func offset(of name: GPIOLineName) throws(DeviceError) -> UInt32 {
    switch name.line {
    case .offset(let offset):
      guard offset < info.lines else {
        throw .missing("no \(name): it has \(info.lines) lines, counted from 0")
      }
      return offset
    case .name(let line):
      switch uninterrupted({ calls.findLine(handle, line) }) {
      case .success(let offset): return offset
      case .failure(let error) where error.code == ENOENT: throw .missing("no \(name): \(namedLines)")
      case .failure(let error): throw DeviceError(error, toAllow: Self.toAllow)
      }
    }
  }

  private var namedLines: String {
    var names: [String] = []
    for offset in 0..<info.lines {
      guard case .success(let line) = calls.describeLine(handle, offset), !line.name.isEmpty else { continue }
      guard names.count < Self.mostNamed else {
        names.append("…")
        break
      }
      names.append(line.name)
    }
    return names.isEmpty ? "its lines have no names" : "its lines are \(names.joined(separator: ", "))"
  }

  /// Who has a line; nil where the kernel does not know.
  func consumer(of offset: UInt32) -> String? {
    guard case .success(let line) = uninterrupted({ calls.describeLine(handle, offset) }), !line.consumer.isEmpty else {
      return nil
    }
    return line.consumer
  }
}
