import Linux

extension MessageSocket {
  enum Taken {
    case message(length: Int)
    /// Longer than any message of this kind.
    case nonsense
    case nothing
  }

  /// The next message for readers that go on whatever the other side sends.
  func receiveOrSkip(into view: PacketView) -> Taken {
    do throws(ReceiveError) {
      return try receive(into: view).map { .message(length: $0) } ?? .nothing
    } catch {
      return error == .closed ? .nothing : .nonsense
    }
  }
}
