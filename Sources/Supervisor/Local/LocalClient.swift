import Glibc
import Links
import Linux

/// The command line's end of the local socket. It waits for its answers.
public final class LocalClient {
  public enum Failure: Error, CustomStringConvertible {
    /// Nobody listens.
    case notRunning(path: String)
    case notAllowed(path: String)
    /// The box ended, or did not answer in time.
    case ended
    case noAnswer(seconds: Int)
    case broken(String)
    case refused(String)

    public var description: String {
      switch self {
      case .notRunning(let path):
        "no box is running here (nobody listens at \(path)); start one with 'fieldbox supervise', or name its root with --root"
      case .notAllowed(let path): "no permission for \(path): only the user who runs the box may talk to it"
      case .ended: "the box has ended"
      case .noAnswer(let seconds): "the box did not answer within \(seconds) s"
      case .refused(let why): why
      case .broken(let why): "the box gave no sensible answer: \(why)"
      }
    }
  }

  private let socket: MessageSocket

  public init(path: String) throws(Failure) {
    do throws(SystemError) {
      socket = try LocalSocket.connect(to: path)
    } catch {
      switch error.code {
      case ENOENT, ECONNREFUSED, ENOTDIR: throw .notRunning(path: path)
      case EACCES, EPERM: throw .notAllowed(path: path)
      default: throw .broken("\(error)")
      }
    }
  }

  /// Sends a request and waits for its reply.
  public func request(_ request: LocalRequest, seconds: Int = 10) throws(Failure) -> LocalReply {
    try send(request)
    return try next(seconds: seconds)
  }

  public func send(_ request: LocalRequest) throws(Failure) {
    let bytes: [UInt8]
    do throws(LinkError) {
      bytes = try LinkCodec.encode(request)
    } catch {
      throw .broken("\(error)")
    }
    guard socket.send(bytes) == .sent else {
      // It may have said why.
      if case .refused(let why) = try? next(seconds: 0) { throw .refused(why) }
      throw .ended
    }
  }

  /// The next reply.
  public func next(seconds: Int) throws(Failure) -> LocalReply {
    let deadline = MonotonicTime.now() + .seconds(Int64(seconds))
    while true {
      let bytes: [UInt8]?
      do throws(MessageSocket.ReceiveError) {
        if let received = try socket.receive() { bytes = received.bytes } else { bytes = nil }
      } catch {
        if error == .closed { throw .ended }
        throw .broken("\(error)")
      }
      if let bytes {
        do throws(LinkError) {
          return try LinkCodec.decode(LocalReply.self, from: bytes)
        } catch {
          throw .broken("\(error)")
        }
      }
      let left = (deadline - .now()).milliseconds
      guard left > 0 else { throw .noAnswer(seconds: seconds) }
      var entry = pollfd(fd: socket.number, events: Int16(POLLIN), revents: 0)
      poll(&entry, 1, Int32(clamping: left))
    }
  }
}
