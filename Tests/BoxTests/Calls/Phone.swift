import Configuration
import Glibc
import Links
import Linux
import Signaling
import TestPeers
import TestSupport
import Testing

/// A phone without a screen: curl for HTTPS, our own peer connection for media.
final class Phone {
  static let curl = "/usr/bin/curl"
  static var isPossible: Bool { Files.exists(curl) }

  let name: String
  unowned let stage: Stage
  private let directory: ScratchDirectory
  private let origin: String
  private var stream: Descriptor?
  private var streamWatch: EventLoop.Watch?
  private var streamPid: pid_t = 0
  private var unread: [UInt8] = []

  private(set) var device: DeviceID?
  /// The id of the last event.
  private var last: String?
  private(set) var me: Me?
  private(set) var isStreamOpen = false
  /// A server has begun to answer on it.
  private(set) var isStreamLive = false
  /// The latest state of each call, and all states in their order.
  private(set) var calls: [CallID: CallView] = [:]
  private(set) var callStates: [String] = []
  private(set) var currentCall: CallID?
  /// One for each offer.
  private(set) var media: PhoneMedia?
  private(set) var offers = 0
  private var isTalking = false

  /// Registers.
  init(_ name: String, of stage: Stage) throws {
    self.name = name
    self.stage = stage
    directory = try ScratchDirectory()
    origin = "https://127.0.0.1:\(stage.status.httpsPort)"
    try post("register", RegisterRequest(id: name, displayName: name.capitalized, password: Secret("correct horse")))
  }

  deinit { closeStream() }

  private var common: [String] {
    let jar = "\(directory.path)/cookies"
    return [
      "curl", "--silent", "--show-error", "--cacert", Paths(root: stage.box.root).authorityCertificate, "--cookie", jar,
      "--cookie-jar", jar, "--header", "Origin: \(origin)",
    ]
  }

  /// A request that must succeed; its answer's text.
  @discardableResult
  func post(_ path: String, _ body: some APIMessage) throws -> String {
    try ask(
      path,
      [
        "--header", "Content-Type: application/json", "--data-binary",
        String(decoding: try APICodec.encode(body), as: UTF8.self),
      ])
  }

  /// Likewise, without a body.
  func get(_ path: String) throws -> String { try ask(path, []) }

  private func ask(_ path: String, _ arguments: [String]) throws -> String {
    let output = try ProcessOutput()
    var spawn = Spawn(
      path: Self.curl,
      arguments: common + ["--fail-with-body", "--max-time", "\(Box.seconds)"] + arguments + ["\(origin)/api/\(path)"])
    spawn.output = output.writing
    let pid = try LastingSpawn.start(spawn)
    output.closeWriting()
    try #require(output.waitForEnd(seconds: Int64(Box.seconds) + 5))
    var info = siginfo_t()
    waitid(P_PID, id_t(pid), &info, WEXITED | WNOWAIT)
    let exit = ChildExit.collect(pid)?.exit
    guard exit == .exited(code: 0) else { throw Failure("\(name): \(path): \(output.text)") }
    return output.text
  }

  /// Opens the event stream and waits for its hello, or goes on with the one that has ended.
  func openStream(resuming: Bool = false) throws {
    closeStream()
    if !resuming { (device, last) = (nil, nil) }
    var ends: (Int32, Int32) = (-1, -1)
    let result = withUnsafeMutableBytes(of: &ends) { pipe($0.bindMemory(to: Int32.self).baseAddress) }
    guard result == 0 else { throw SystemError("pipe", code: errno) }
    let reading = Descriptor(adopting: ends.0)
    let writing = Descriptor(adopting: ends.1)
    try reading.setNonBlocking()
    _ = fcntl(writing.number, F_SETFD, FD_CLOEXEC)
    var spawn = Spawn(
      path: Self.curl, arguments: common + ["--no-buffer", "\(origin)/api/events\(last.map { "?last=\($0)" } ?? "")"])
    spawn.output = writing.number
    streamPid = try LastingSpawn.start(spawn)
    isStreamOpen = true
    isStreamLive = false
    streamWatch = try stage.loop.watch(reading.number) { [unowned self] in readStream() }
    stream = consume reading
    if !resuming { try stage.until("\(name)'s hello") { device != nil } }
  }

  func closeStream() {
    streamWatch?.cancel()
    streamWatch = nil
    stream = nil
    isStreamOpen = false
    unread = []
    guard streamPid > 0 else { return }
    kill(streamPid, SIGKILL)
    waitpid(streamPid, nil, 0)
    streamPid = 0
  }

  private func readStream() {
    var bytes = [UInt8](repeating: 0, count: 65_536)
    let number = stream?.number ?? -1
    let count = Glibc.read(number, &bytes, bytes.count)
    guard count > 0 else {
      if count == 0 { closeStream() }
      return
    }
    isStreamLive = true
    unread += bytes[..<count]
    while let end = unread.indices.dropLast().first(where: { unread[$0] == 10 && unread[$0 + 1] == 10 }) {
      handle(String(decoding: unread[..<end], as: UTF8.self))
      unread.removeFirst(end + 2)
    }
  }

  private func handle(_ block: String) {
    var fields: [String: String] = [:]
    for line in block.split(separator: "\n") {
      guard let colon = line.firstIndex(of: ":"), colon != line.startIndex else { continue }
      fields[String(line[..<colon])] = String(line[line.index(after: colon)...].drop { $0 == " " })
    }
    last = fields["id"] ?? last
    guard let name = fields["event"].flatMap(Event.Name.init(rawValue:)), let data = fields["data"] else { return }
    do {
      switch name {
      case .hello:
        let hello = try APICodec.decode(Event.Hello.self, from: data.utf8)
        device = hello.device
        me = hello.me
        calls = [:]
        for call in hello.calls { note(call) }
      case .call: note(try APICodec.decode(CallView.self, from: data.utf8))
      case .offer: try answer(try APICodec.decode(Event.Offer.self, from: data.utf8))
      case .me: me = try APICodec.decode(Me.self, from: data.utf8)
      case .person, .signal, .room, .speaking, .chat, .invitation, .sessionEnded: break
      }
    } catch {
      Issue.record("\(self.name): \(name): \(error)")
    }
  }

  private func note(_ call: CallView) {
    calls[call.id] = call
    if call.state != .ended || currentCall == nil { currentCall = call.id }
    let word = call.reason.map { "\(call.state.rawValue) \($0.rawValue)" } ?? call.state.rawValue
    if callStates.last != word { callStates.append(word) }
  }

  private func answer(_ offer: Event.Offer) throws {
    offers += 1
    let media = try PhoneMedia(on: stage.loop)
    let sdp = try media.accept(offer.sdp)
    self.media = media
    if isTalking { media.startTone(Stage.phoneTone) }
    guard let device, let call = offer.call else { return }
    do {
      try post("calls/answer", AnswerRequest(device: device, call: call, peer: offer.peer, sdp: sdp))
    } catch let failure as Failure where ["notFound", "wrongState"].contains(where: failure.description.contains) {
      // The call ended meanwhile, or a newer offer took the place of this one and is on its way.
    }
  }

  // MARK: What a person does

  /// The call that is going on.
  var call: CallView? { currentCall.flatMap { calls[$0] } }

  func untilCall(_ state: CallState, _ reason: CallEnd? = nil) throws {
    try stage.until("\(name)'s call to be \(state) \(reason?.rawValue ?? ""), it went \(callStates)") {
      call?.state == state && call?.reason == reason
    }
  }

  func callTheBox() throws { try call(.box) }

  func call(_ callee: UserID) throws {
    let request = StartCallRequest(device: try #require(device), callee: callee, audio: true, video: true)
    let answer = try APICodec.decode(StartCallResponse.self, from: try post("calls/start", request).utf8)
    if calls[answer.call.id] == nil { note(answer.call) }
    currentCall = answer.call.id
  }

  func accept() throws { try act("accept") }
  func reject() throws { try act("reject") }
  func hangUp() throws { try act("hangUp") }

  /// Sends sound into the present call, also over a connection that comes later.
  func talk() {
    isTalking = true
    media?.startTone(Stage.phoneTone)
  }

  private func act(_ what: String) throws {
    try post("calls/\(what)", CallRequest(device: try #require(device), call: try #require(call?.id)))
    if what == "accept" { talk() }
  }

  /// Forgets earlier calls, before another.
  func forget() {
    currentCall = nil
    callStates = []
    media = nil
    isTalking = false
  }
}
