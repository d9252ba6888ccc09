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

  /// Opens the chip at a path.
  init(path: String, _ calls: GPIOCalls) throws(SystemError) {
    let handle = try uninterrupted { calls.openChip(path) }.get()
    switch uninterrupted({ calls.describeChip(handle) }) {
    case .success(let info):
      self.info = info
      self.handle = handle
      self.calls = calls
    case .failure(let error):
      calls.closeChip(handle)
      throw error
    }
  }

  deinit { calls.closeChip(handle) }

  /// Finds a chip by its path, its name or its label.
  static func find(_ wanted: String, _ calls: GPIOCalls) throws(DeviceError) -> GPIOChip {
    let paths = calls.chips()
    if let path = wanted.hasPrefix("/") ? wanted : paths.first(where: { $0.hasSuffix("/\(wanted)") }) {
      do {
        return try GPIOChip(path: path, calls)
      } catch where error.code == ENOENT {
        throw .missing(words(wanted, paths, calls))
      } catch where error.code == ENOTTY {
        throw .unsupported("\(path) is no GPIO chip")
      } catch {
        throw DeviceError(error, toAllow: toAllow)
      }
    }
    var refusal: SystemError?
    for path in paths {
      do {
        let chip = try GPIOChip(path: path, calls)
        if chip.info.label == wanted { return chip }
      } catch where [ENOENT, ENODEV, ENXIO, ENOTTY].contains(error.code) {
        continue
      } catch {
        refusal = refusal ?? error
      }
    }
    // The wanted one may be among those that did not open.
    if let refusal { throw DeviceError(refusal, toAllow: toAllow) }
    throw .missing(words(wanted, paths, calls))
  }

  /// That there is no such chip, and which there are.
  private static func words(_ wanted: String, _ paths: [String], _ calls: GPIOCalls) -> String {
    var there: [String] = []
    for path in paths {
      guard let chip = try? GPIOChip(path: path, calls) else { continue }
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
      do {
        return try uninterrupted { calls.findLine(handle, line) }.get()
      } catch where error.code == ENOENT {
        throw .missing("no \(name): \(namedLines)")
      } catch {
        throw DeviceError(error, toAllow: Self.toAllow)
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
