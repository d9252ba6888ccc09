@testable import Hardware

/// A GPIO chip with a test on its other side.
protocol GPIOBench: AnyObject {
  var calls: GPIOCalls { get }
  /// By what the chip is found. It stays the same when the chip comes back.
  var label: String { get }
  /// By what else it is found, now.
  var name: String { get }
  /// Puts a level on a line from outside. Untouched lines are left to the resistor inside the chip.
  func drive(_ line: BenchLine, high: Bool) throws
  /// The level on a line, whoever makes it.
  func isHigh(_ line: BenchLine) throws -> Bool
  /// Returns once a level has made its edge.
  func settle()
  /// Takes the chip away, and puts it back with every line untouched.
  func remove() throws
  func restore() throws
}

/// The lines of a bench, in the order of their numbers; each has its name but the last.
enum BenchLine: UInt32, CaseIterable {
  case call, hangUp, blue, red, amber, green, spare, nameless

  static let names = ["CALL", "HANGUP", "STATUS_BLUE", "STATUS_RED", "CALL_LAMP", "TALK_LAMP", "SPARE"]

  init(_ color: LampColor) {
    self =
      switch color {
      case .blue: .blue
      case .red: .red
      case .amber: .amber
      case .green: .green
      }
  }
}

extension GPIOBench {
  func line(_ line: BenchLine) -> GPIOLineName { GPIOLineName(chip: label, line: .offset(line.rawValue)) }
}
