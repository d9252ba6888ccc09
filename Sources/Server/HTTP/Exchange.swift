import Linux
import Signaling

/// One request and its answer, which may come later or be a stream. Lives on the loop's thread.
final class Exchange {
  enum Phase {
    case readingBody
    case handling
    /// The head of the answer waits until the connection can be written.
    case answering(Response)
    case sendingBody(Response, offset: Int)
    /// Everything is written, but part of it waits in lws.
    case flushing(Response)
    case streaming
    /// Answered; what the client still sends is thrown away for a moment, so that it can read the answer.
    case lingering(discarded: Int)
    case done
  }

  let head: RequestHead
  let connection: Connection
  /// What the path and the cookie said, once they were checked.
  var route: Route?
  var identity: Identity?
  var phase = Phase.readingBody
  var body: [UInt8] = []
  /// Everything that the client has to send was received.
  var isBodyComplete = false

  /// Called once when a stream has ended, whoever ended it.
  var closed: (() -> Void)?

  /// What waits on a stream; bounded, so a client that does not read cannot hold memory.
  private(set) var pending: [UInt8] = []
  private(set) var endsAfterPending = false
  private(set) var isAborted = false
  private let largestPendingBytes = 256 * 1024
  private weak var server: WebServer?
  /// The `struct lws *` of this request; nil once it is gone.
  private(set) var wsi: OpaquePointer?
  /// lws does not read from the HTTP/1.1 connection for now.
  var isPaused = false
  /// Tells of the end of an HTTP/1.1 stream, while lws does not read.
  var endWatch: EventLoop.Watch?
  /// One stream of an HTTP/2 connection.
  let isMultiplexed: Bool

  init(head: RequestHead, connection: Connection, server: WebServer, wsi: OpaquePointer, isMultiplexed: Bool) {
    self.isMultiplexed = isMultiplexed
    self.head = head
    self.connection = connection
    self.server = server
    self.wsi = wsi
  }

  var isOpen: Bool {
    if case .done = phase { return false }
    return true
  }

  /// Answers; ignored if the client is gone or was answered already.
  func respond(_ response: Response) {
    switch phase {
    case .readingBody, .handling: break
    default: return
    }
    phase = .answering(response)
    server?.wantsToWrite(self)
  }

  /// Answers with an endless body.
  func startStream(contentType: String) {
    guard case .handling = phase else { return }
    connection.eventStreams += 1
    isStream = true
    phase = .answering(Response(status: 200, contentType: contentType, headers: [("cache-control", "no-store")]))
    server?.wantsToWrite(self)
  }
  private(set) var isStream = false

  /// Takes ``startStream(contentType:)`` back in the same turn, so that an ordinary answer can be given.
  func cancelStream() {
    guard isStream, case .answering = phase else { return }
    isStream = false
    pending = []
    connection.eventStreams -= 1
    phase = .handling
  }

  /// Adds to a stream. False if the client is so slow that its stream was dropped; it resumes where it was.
  @discardableResult
  func send(_ bytes: some Collection<UInt8>) -> Bool {
    guard isStream, isOpen, !isAborted, !endsAfterPending else { return false }
    guard pending.count + bytes.count <= largestPendingBytes else {
      abort()
      return false
    }
    pending.append(contentsOf: bytes)
    server?.wantsToWrite(self)
    return true
  }

  /// Ends a stream when what waits has been sent, or when that takes too long.
  func finish() {
    guard isStream, isOpen, !isAborted, !endsAfterPending else { return }
    endsAfterPending = true
    server?.wantsToWrite(self)
    server?.limitEnding(self)
  }

  /// Ends a stream now.
  func abort() {
    guard isOpen, !isAborted else { return }
    isAborted = true
    pending = []
    server?.abort(self)
  }

  /// The next part of a stream, at most so long.
  func takePending(_ most: Int) -> ArraySlice<UInt8> {
    let part = pending.prefix(most)
    pending.removeFirst(part.count)
    return part
  }

  /// The connection is gone, or the answer is complete.
  func didEnd() {
    guard isOpen else { return }
    phase = .done
    wsi = nil
    endWatch?.cancel()
    endWatch = nil
    pending = []
    if isStream { connection.eventStreams -= 1 }
    let closed = closed
    self.closed = nil
    closed?()
  }
}
