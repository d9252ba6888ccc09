import CWebSockets
import Glibc
import Linux

/// HTTPS and HTTP by libwebsockets, on listening sockets that were inherited. This file and its extensions are the only
/// ones that touch lws. One instance runs the process's loop: an ``EventLoop`` for links, mailboxes and timers turns
/// inside lws's own. Everything happens on the thread that calls ``run()``.
final class WebServer {
  struct Limits {
    /// TCP connections at once, and from one address.
    var connections = 400
    var connectionsPerAddress = 64
    /// Event streams of one connection (lws counts them in a byte).
    var streamsPerConnection = 32
    /// What the kernel holds for a client that does not read.
    var sendBytes: Int32 = 128 * 1024
    var headerBytes: UInt32 = 8 * 1024
    /// A client that neither sends nor takes for so long is dropped.
    var stallSeconds: Int32 = 20
    var keepAliveSeconds: Int32 = 60
  }

  enum Failure: Error, Equatable {
    case context
    case virtualHost(String)
    case certificate(String)
    case adoption(String)
  }

  let limits: Limits
  weak var handler: (any WebHandler)?
  private let loop: EventLoop
  private let certificate: ServerCertificate

  private(set) var context: OpaquePointer?
  private var secureHost: OpaquePointer?
  private var plainHost: OpaquePointer?
  private let protocols: UnsafeMutablePointer<lws_protocols>
  private let protocolName = strdup("fieldbox")
  private let serverName = strdup("fieldbox")
  private let secureName = strdup("secure")
  private let plainName = strdup("plain")
  private let timer: UnsafeMutablePointer<fieldbox_lws_timer>
  private var timerDue: MonotonicTime?
  private var running = false

  // By the connection of lws: a `struct lws *`, which is never used after its WSI_DESTROY.
  var connections: [OpaquePointer: Connection] = [:]
  private final class SpareDescriptor {
    let descriptor: Descriptor
    init(_ descriptor: consuming Descriptor) { self.descriptor = descriptor }
  }
  private var spare = WebServer.spareDescriptor()
  private var isOutOfDescriptors = false
  /// Called when there are no descriptors left for connections, and when there are again.
  var descriptorsChanged: ((_ areOut: Bool) -> Void)?
  var exchanges: [OpaquePointer: Exchange] = [:]
  private var connectionsByAddress: [AddressKey: Int] = [:]
  private var readable: [OpaquePointer: () -> Void] = [:]
  /// Where an answer is put together: lws wants room in front of it.
  let scratch: UnsafeMutableRawBufferPointer
  /// Below the buffer of lws (4 KiB): what it could not pass on at once at the end of an HTTP/2 stream was lost.
  static let largestWrite = 4000

  /// For `fieldbox status`.
  var requests = 0
  private(set) var refusedConnections = 0
  var openConnections: Int { connections.count }

  /// A client's address without its port.
  struct AddressKey: Hashable, CustomStringConvertible {
    var high: UInt64
    var low: UInt64
    init(_ address: SocketAddress) { (high, low) = (address.high, address.low) }
    var description: String { SocketAddress(high: high, low: low, port: 0).literal }
  }

  init(loop: EventLoop, certificate: ServerCertificate, limits: Limits = Limits()) throws(Failure) {
    self.loop = loop
    self.certificate = certificate
    self.limits = limits
    scratch = .allocate(byteCount: fieldbox_lws_pre() + Self.largestWrite, alignment: 16)
    timer = .allocate(capacity: 1)
    timer.initialize(to: fieldbox_lws_timer())
    protocols = .allocate(capacity: 2)
    protocols.initialize(repeating: lws_protocols(), count: 2)
    protocols[0].name = UnsafePointer(protocolName)
    protocols[0].callback = webServerCallback
    // Otherwise lws takes 4 KiB at a time and keeps the rest.
    protocols[0].tx_packet_size = 16 * 1024
    timer.pointee.owner = Unmanaged.passUnretained(self).toOpaque()

    fieldbox_lws_set_log { _, text in if let text { WebServerLog.line(String(cString: text)) } }
    let me = Unmanaged.passUnretained(self).toOpaque()
    let descriptors = UInt32(clamping: limits.connections + 64)
    context = fieldbox_lws_create(me, descriptors, limits.headerBytes, serverName)
    guard let context else { throw .context }
    plainHost = fieldbox_lws_create_vhost(
      context, plainName, protocols, 0, limits.stallSeconds, limits.keepAliveSeconds)
    guard plainHost != nil else { throw .virtualHost("plain") }
    secureHost = fieldbox_lws_create_vhost(
      context, secureName, protocols, 1, limits.stallSeconds, limits.keepAliveSeconds)
    guard secureHost != nil else { throw .virtualHost("secure: \(certificate.lastError)") }
    // The inner loop: its epoll descriptor is readable whenever one of its own is.
    let copy = fcntl(loop.number, F_DUPFD_CLOEXEC, 3)
    guard copy >= 0 else { throw .adoption("the loop") }
    try watch(Descriptor(adopting: copy), "the loop") { [weak loop] in loop?.turn(atMost: .zero) }
  }

  deinit {
    if let context {
      fieldbox_lws_timer_cancel(timer)
      lws_context_destroy(context)
    }
    timer.deallocate()
    protocols.deallocate()
    scratch.deallocate()
    for name in [protocolName, serverName, secureName, plainName] { free(name) }
  }

  // MARK: Loop

  /// Serves until ``stop()``.
  func run() {
    running = true
    while running {
      setTimer()
      guard lws_service(context, 0) >= 0 else {
        Log.error("the web server's loop failed")
        return
      }
    }
  }

  func stop() { running = false }

  /// One turn, for tests and for the last writes before the end.
  func turn() {
    setTimer()
    lws_service(context, 0)
  }

  /// lws wakes when the inner loop's next timer is due.
  private func setTimer() {
    guard let context, loop.nextDue != timerDue else { return }
    timerDue = loop.nextDue
    guard let due = timerDue else { return fieldbox_lws_timer_cancel(timer) }
    let fired: fieldbox_lws_timer_fired = { list in
      guard let owner = list.flatMap({ fieldbox_lws_timer_owner($0) }) else { return }
      Unmanaged<WebServer>.fromOpaque(owner).takeUnretainedValue().timerFired()
    }
    fieldbox_lws_timer_set(context, timer, fired, (due - MonotonicTime.now()).microseconds)
  }

  private func timerFired() {
    timerDue = nil
    loop.turn(atMost: .zero)
    // lws serves its timers before it waits: what ours has changed is to be seen first.
    lws_cancel_service(context)
  }

  // MARK: Descriptors

  /// Accepts connections from a listening socket.
  func listen(_ descriptor: consuming Descriptor, as listener: Listener) throws(Failure) {
    let number = descriptor.number
    try watch(descriptor, "\(listener) socket") { [weak self] in self?.acceptAll(from: number, listener) }
  }

  private func watch(
    _ descriptor: consuming Descriptor, _ what: String, _ body: @escaping () -> Void
  ) throws(Failure) {
    // lws owns it from here, and closes it also when it refuses.
    guard let wsi = fieldbox_lws_adopt_file(plainHost, descriptor.release(), protocolName) else {
      throw .adoption(what)
    }
    readable[wsi] = body
  }

  private func acceptAll(from number: Int32, _ listener: Listener) {
    // Bounded, so that a storm of connections does not hold up those that stand.
    for _ in 0..<64 {
      let accepted = accept(number, nil, nil)
      guard accepted >= 0 else {
        if errno == EINTR || errno == ECONNABORTED { continue }
        if errno == EMFILE || errno == ENFILE { return turnAway(from: number) }
        if errno != EAGAIN { Log.error("accept: \(String(cString: strerror(errno)))") }
        return
      }
      if isOutOfDescriptors { tellDescriptors(areOut: false) }
      adopt(accepted, listener)
    }
  }

  /// Without a descriptor for it a connection can be neither served nor refused, and would be told of for ever: the spare one
  /// is used to end it.
  private func turnAway(from number: Int32) {
    tellDescriptors(areOut: true)
    refusedConnections += 1
    if spare != nil {
      spare = nil
      let accepted = accept(number, nil, nil)
      if accepted >= 0 { close(accepted) }
    } else {
      // Not even that: let others have the processor.
      poll(nil, 0, 20)
    }
    spare = Self.spareDescriptor()
  }

  private static func spareDescriptor() -> SpareDescriptor? {
    let number = open("/dev/null", O_RDONLY | O_CLOEXEC)
    return number >= 0 ? SpareDescriptor(Descriptor(adopting: number)) : nil
  }

  private func tellDescriptors(areOut: Bool) {
    guard isOutOfDescriptors != areOut else { return }
    isOutOfDescriptors = areOut
    descriptorsChanged?(areOut)
  }

  private func adopt(_ number: Int32, _ listener: Listener) {
    guard let remote = try? Sockets.remoteAddress(number), let local = try? Sockets.localAddress(number).0 else {
      close(number)
      return
    }
    let key = AddressKey(remote)
    guard connections.count < limits.connections,
      connectionsByAddress[key, default: 0] < limits.connectionsPerAddress
    else {
      refusedConnections += 1
      close(number)
      return
    }
    setOptions(number)
    let connection = Connection(listener: listener, remote: remote, local: local)
    adopting = connection
    connectionsByAddress[key, default: 0] += 1
    // On failure lws has closed the descriptor and told of the end of what it had begun.
    let wsi = lws_adopt_socket_vhost(listener == .secure ? secureHost : plainHost, number)
    if wsi == nil, adopting != nil { forget(connection) }
    adopting = nil
  }
  private var adopting: Connection?

  /// A press must reach the browser at once, and a phone that walked away must not hold its connection for minutes.
  private func setOptions(_ number: Int32) {
    // lws makes it non-blocking.
    _ = fcntl(number, F_SETFD, FD_CLOEXEC)
    var on: Int32 = 1
    var milliseconds = UInt32(clamping: limits.stallSeconds) &* 1000
    var sendBytes = limits.sendBytes
    setsockopt(number, SOL_SOCKET, SO_SNDBUF, &sendBytes, socklen_t(MemoryLayout<Int32>.size))
    setsockopt(number, Int32(IPPROTO_TCP), TCP_NODELAY, &on, socklen_t(MemoryLayout<Int32>.size))
    setsockopt(number, Int32(IPPROTO_TCP), TCP_USER_TIMEOUT, &milliseconds, socklen_t(MemoryLayout<UInt32>.size))
  }

  private func forget(_ connection: Connection) {
    let key = AddressKey(connection.remote)
    let left = connectionsByAddress[key, default: 1] - 1
    connectionsByAddress[key] = left > 0 ? left : nil
  }

  // MARK: Called by lws

  func created(_ wsi: OpaquePointer) {
    guard let connection = adopting else { return }
    connections[wsi] = connection
    adopting = nil
  }

  /// The request of a connection is over, or (`forGood`) the connection itself and its memory.
  func destroyed(_ wsi: OpaquePointer, forGood: Bool) {
    exchanges.removeValue(forKey: wsi)?.didEnd()
    guard forGood else { return }
    readable[wsi] = nil
    if let connection = connections.removeValue(forKey: wsi) { forget(connection) }
  }

  func becameReadable(_ wsi: OpaquePointer) { readable[wsi]?() }

  func configureTLS(_ context: OpaquePointer) -> Bool { certificate.install(in: context) }

  // MARK: Called by exchanges

  func wantsToWrite(_ exchange: Exchange) {
    guard let wsi = exchange.wsi else { return }
    resume(exchange)
    lws_callback_on_writable(wsi)
  }

  /// Stops reading from an HTTP/1.1 connection: while a request is handled, so that no further one is begun, and while a
  /// stream is open, because lws would neither read there nor stop polling.
  func pause(_ exchange: Exchange) {
    guard !exchange.isPaused, !exchange.isMultiplexed, let wsi = exchange.wsi else { return }
    lws_rx_flow_control(wsi, 0)
    exchange.isPaused = true
  }

  /// lws does not write to a connection that it may not read.
  private func resume(_ exchange: Exchange) {
    guard exchange.isPaused, let wsi = exchange.wsi else { return }
    lws_rx_flow_control(wsi, 1)
    exchange.isPaused = false
  }

  /// The client of an HTTP/1.1 stream has nothing more to say: whatever arrives is its end, at the latest that of TLS.
  func watchForEnd(of exchange: Exchange, _ wsi: OpaquePointer) {
    do throws(SystemError) {
      exchange.endWatch = try loop.watch(lws_get_socket_fd(wsi)) { [weak exchange] in
        exchange?.endWatch?.cancel()
        exchange?.endWatch = nil
        exchange?.abort()
      }
    } catch {
      Log.error("\(error)")
      exchange.abort()
    }
  }

  /// A stream of HTTP/2 that was given no room would wait for ever.
  func limitEnding(_ exchange: Exchange) {
    loop.after(.seconds(Int64(limits.stallSeconds))) { [weak exchange] in exchange?.abort() }
  }

  func abort(_ exchange: Exchange) {
    guard let wsi = exchange.wsi else { return }
    resume(exchange)
    // Whichever comes first: the connection can be written, or it is stuck and times out.
    lws_callback_on_writable(wsi)
    lws_set_timeout(wsi, PENDING_TIMEOUT_USER_OK, 1)
  }
}
