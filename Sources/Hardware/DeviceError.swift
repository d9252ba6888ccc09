import Linux

/// Why a device refused or failed. Drivers throw nothing else, so the supervisor can decide by case: wait for it to come
/// back, say who has it, or give up.
public enum DeviceError: Error, Equatable, Sendable, CustomStringConvertible {
  /// Unplugged. Opening fails the same way until it is back.
  case gone
  /// Another program has it; its name where the driver can tell.
  case busy(by: String?)
  /// There is none of that name; in words, with the name and what there is instead. It may come yet.
  case missing(String)
  /// This process may not use it; in words, with what to do about it.
  case denied(String)
  /// A system call failed for another reason.
  case ioFailure(call: String, errno: Int32)
  /// The device or the file cannot do what is asked; in words, with what was expected.
  case unsupported(String)
  /// Nothing came in time.
  case timedOut
  /// So many damaged pictures one after another, and no whole one between them.
  case damaged(Int)
  /// Closed by another thread during the call, or never opened.
  case closed

  public var description: String {
    switch self {
    case .gone: "unplugged"
    case .busy(let who): who.map { "in use by \($0)" } ?? "in use"
    case .ioFailure(let call, let number): SystemError(call, code: number).description
    case .missing(let what), .denied(let what), .unsupported(let what): what
    case .timedOut: "nothing came in time"
    case .damaged(let count): "\(count) damaged pictures one after another"
    case .closed: "closed"
    }
  }
}
