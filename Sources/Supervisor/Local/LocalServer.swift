import Links
import Linux

/// Answers `fieldbox status`, `press` and the others over the local socket.
final class LocalServer {
  typealias ClientLink = Link<LocalRequest, LocalReply>
  static let mostClients = 32

  private struct Client {
    var link: ClientLink
    /// The status that it was sent last; nil unless it watches.
    var last: BoxStatus?
    /// Buttons that it holds down.
    var down: Set<ButtonName> = []
  }

  private let listener: Descriptor
  private let loop: EventLoop
  private let status: () -> BoxStatus
  private let answer: (LocalRequest) -> LocalReply
  private var watch: EventLoop.Watch?
  private var clients: [Int: Client] = [:]
  private var nextClient = 0

  /// `answer` handles all requests but `status` and `watch`.
  init(
    at path: String, on loop: EventLoop, status: @escaping () -> BoxStatus,
    answer: @escaping (LocalRequest) -> LocalReply
  ) throws(SystemError) {
    listener = try LocalSocket.listening(at: path)
    self.loop = loop
    self.status = status
    self.answer = answer
    watch = try loop.watch(listener.number) { [weak self] in self?.accept() }
  }

  func close() {
    watch?.cancel()
    for client in clients.values { client.link.close() }
    clients = [:]
  }

  /// Sends the status to those who watch, if it differs from the one they had.
  func publish() {
    guard clients.values.contains(where: { $0.last != nil }) else { return }
    let now = status()
    for (id, client) in clients {
      guard var last = client.last else { continue }
      // Time alone is no change, nor is what is measured all the time.
      last.uptimeSeconds = now.uptimeSeconds
      last.machine = now.machine
      last.memoryBytes = now.memoryBytes
      for (name, child) in now.children { last.children[name]?.memoryBytes = child.memoryBytes }
      guard last != now else { continue }
      clients[id]?.last = now
      client.link.send(.status(now))
    }
  }

  private func accept() {
    do {
      while let socket = try LocalSocket.accept(listener) {
        guard clients.count < Self.mostClients else {
          let refusal = LocalReply.refused("too many are connected to the box already (\(Self.mostClients))")
          if let bytes = try? LinkCodec.encode(refusal) { socket.send(bytes) }
          continue
        }
        let id = nextClient
        nextClient += 1
        let link = try ClientLink(
          socket, on: loop, receive: { [weak self] request, _ in self?.handle(id, request) },
          closed: { [weak self] _ in self?.left(id) })
        clients[id] = Client(link: link)
      }
    } catch {
      Log.warning("local socket: \(error)")
    }
  }

  private func handle(_ id: Int, _ request: LocalRequest) {
    guard let client = clients[id] else { return }
    switch request {
    case .status:
      client.link.send(.status(status()))
    case .watch:
      let now = status()
      clients[id]?.last = now
      client.link.send(.status(now))
    default:
      let reply = answer(request)
      if case .button(let name, let down) = request, reply == .done {
        if down { clients[id]?.down.insert(name) } else { clients[id]?.down.remove(name) }
      }
      client.link.send(reply)
    }
  }

  /// A finger that is no more presses nothing.
  private func left(_ id: Int) {
    guard let client = clients.removeValue(forKey: id) else { return }
    for name in client.down { _ = answer(.button(name, down: false)) }
  }
}
