import Glibc
import Hardware
import Links
import Linux
import Testing

/// A board with the hands and eyes of a test. Buttons are not open yet, and nobody presses; lamps are dark.
protocol BoardUnderTest: AnyObject {
  var buttons: [any Button] { get }
  var lamps: [any Lamp] { get }
  /// A finger closes (`down`) or opens a contact, once.
  func move(_ button: ButtonName, down: Bool) throws
  /// Returns once what the finger did has reached the button.
  func settle()
  /// What shines, as somebody sees it who stands before the box.
  func shining(_ lamp: LampName) throws -> Set<LampColor>
}

extension BoardUnderTest {
  func button(_ name: ButtonName) throws -> any Button { try #require(buttons.first { $0.name == name }) }
  func lamp(_ name: LampName) throws -> any Lamp { try #require(lamps.first { $0.name == name }) }
}

/// One check of a contract, on whatever it is made for.
struct ContractCheck<Subject>: Sendable, CustomTestStringConvertible {
  var name: String
  var body: @Sendable (Subject) throws -> Void
  var testDescription: String { name }

  init(_ name: String, _ body: @escaping @Sendable (Subject) throws -> Void) {
    self.name = name
    self.body = body
  }
}

/// What a check waited for did not happen.
struct ContractFailure: Error, CustomStringConvertible {
  var description: String
  init(_ description: String) { self.description = description }
}

extension Button {
  /// Whether something waits, now or within a time.
  func isReadable(within limit: Interval = .zero) -> Bool {
    var poll = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
    return Glibc.poll(&poll, 1, Int32(clamping: limit.milliseconds)) == 1
  }

  /// Sleeps until the descriptor tells of an edge, as a loop does.
  func awaitEdge() throws -> ButtonEdge {
    let deadline = MonotonicTime.now() + .seconds(5)
    while MonotonicTime.now() < deadline {
      if isReadable(within: deadline - .now()), let edge = try nextEdge() { return edge }
    }
    throw ContractFailure("no edge of \(name.rawValue) within 5 s")
  }
}
