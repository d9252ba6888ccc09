import Glibc
import Linux
import Synchronization
import Testing

@testable import Hardware

/// A chip of the kernel's own simulator, gpio-sim, made for one test and removed after it. Needs root and a kernel that has it.
final class GPIOSim: GPIOBench {
  /// Where banks are made; another folder by FIELDBOX_GPIO_SIM.
  private static let directory =
    getenv("FIELDBOX_GPIO_SIM").map { String(cString: $0) } ?? "/sys/kernel/config/gpio-sim"
  static var isHere: Bool { Files.exists(directory) }

  private static let number = Mutex(0)

  let label: String
  private(set) var name = ""
  /// Of the chip in sysfs, with the lines' files.
  private var lines = ""
  private let device: String
  private var bank: String { "\(device)/bank" }
  var calls: GPIOCalls { .library }

  init() throws {
    let number = Self.number.withLock { number in
      number += 1
      return number
    }
    label = "fieldbox-\(getpid())-\(number)"
    device = "\(Self.directory)/\(label)"
    try Files.makeDirectory(bank)
    try Self.put("\(BenchLine.allCases.count)", "\(bank)/num_lines")
    try Self.put(label, "\(bank)/label")
    for (offset, name) in BenchLine.names.enumerated() {
      try Files.makeDirectory("\(bank)/line\(offset)")
      try Self.put(name, "\(bank)/line\(offset)/name")
    }
    try restore()
  }

  deinit {
    try? remove()
    for offset in BenchLine.names.indices { rmdir("\(bank)/line\(offset)") }
    rmdir(bank)
    rmdir(device)
  }

  func remove() throws { try Self.put("0", "\(device)/live") }

  func restore() throws {
    try Self.put("1", "\(device)/live")
    name = try Self.text("\(bank)/chip_name")
    lines = "/sys/devices/platform/\(try Self.text("\(device)/dev_name"))/\(name)"
    // Its node comes a moment later where a daemon makes it.
    let deadline = MonotonicTime.now() + .seconds(5)
    while !Files.exists("/dev/\(name)"), MonotonicTime.now() < deadline { usleep(1_000) }
  }

  func drive(_ line: BenchLine, high: Bool) throws {
    try Self.put(high ? "pull-up" : "pull-down", "\(lines)/sim_gpio\(line.rawValue)/pull")
  }

  func isHigh(_ line: BenchLine) throws -> Bool {
    try Self.text("\(lines)/sim_gpio\(line.rawValue)/value") == "1"
  }

  /// The kernel looks at the level in a thread of its own, which nothing tells of.
  func settle() { usleep(10_000) }

  private static func put(_ word: String, _ path: String) throws {
    do { try FileCalls.system.put(word, path).get() } catch { throw ContractFailure("\(error)") }
  }
  private static func text(_ path: String) throws -> String {
    do { return try FileCalls.system.text(path).get() } catch { throw ContractFailure("\(error)") }
  }
}
