@testable import Links

/// One of each message. A new case does not compile until it has a kind, and then a sample.
protocol SampledMessage: LinkMessage {
  associatedtype Kind: CaseIterable, Equatable
  var kind: Kind { get }
  static func sample(_ kind: Kind) -> Self
}

extension SampledMessage {
  static var samples: [Self] { Kind.allCases.map { sample($0) } }
}

private let strange = "a \"quoted\" \\ line\r\nand 王 👩‍🚒 \u{0} / end"

extension ControlCommand: SampledMessage {
  enum Kind: CaseIterable { case ping, mediaLink, press, camera, noCamera, check, status, log, stop }
  var kind: Kind {
    switch self {
    case .ping: .ping
    case .mediaLink: .mediaLink
    case .press: .press
    case .camera(let mode, _): mode == nil ? .noCamera : .camera
    case .check: .check
    case .status: .status
    case .log: .log
    case .stop: .stop
    }
  }
  static func sample(_ kind: Kind) -> ControlCommand {
    switch kind {
    case .ping: .ping(.max)
    case .mediaLink: .mediaLink
    case .press: .press(.short(.hangUp))
    case .camera: .camera(CameraMode(width: 640, height: 480, framesPerSecond: 30), fault: nil)
    case .noCamera: .camera(nil, fault: strange)
    case .check: .check
    case .status: .status(LocalReply.status)
    case .log: .log([LocalReply.logLine])
    case .stop: .stop
    }
  }
}

extension ControlReport: SampledMessage {
  enum Kind: CaseIterable {
    case ready, pong, state, cue, pressHeard, condition, allWell, wantStatus, wantLog, wantSelfTest, checked, capture,
      noCapture
  }
  var kind: Kind {
    switch self {
    case .ready: .ready
    case .pong: .pong
    case .state: .state
    case .cue: .cue
    case .pressHeard: .pressHeard
    case .condition(_, let fault): fault == nil ? .allWell : .condition
    case .wantStatus: .wantStatus
    case .wantLog: .wantLog
    case .wantSelfTest: .wantSelfTest
    case .checked: .checked
    case .capture(let camera, _): camera == nil ? .noCapture : .capture
    }
  }
  static func sample(_ kind: Kind) -> ControlReport {
    switch kind {
    case .ready: .ready
    case .pong: .pong(7, counters: ["datagrams.stun": 3, "__proto__": -1])
    case .state: .state(.inCall(boxCalled: true, autoAnswered: false))
    case .cue: .cue(.endsSoon)
    case .pressHeard: .pressHeard
    case .condition: .condition(.storage, "disk full")
    case .allWell: .condition(.database, nil)
    case .wantStatus: .wantStatus
    case .wantLog: .wantLog(from: 3)
    case .wantSelfTest: .wantSelfTest
    case .checked: .checked
    case .capture: .capture(camera: CameraMode(width: 1280, height: 720, framesPerSecond: 15), microphone: true)
    case .noCapture: .capture(camera: nil, microphone: false)
    }
  }
}

extension MediaRequest: SampledMessage {
  enum Kind: CaseIterable { case openPeer, reshapePeer, setAnswer, setFeed, closePeer, list }
  var kind: Kind {
    switch self {
    case .openPeer: .openPeer
    case .setAnswer: .setAnswer
    case .setFeed: .setFeed
    case .reshapePeer: .reshapePeer
    case .closePeer: .closePeer
    case .list: .list
    }
  }
  static func sample(_ kind: Kind) -> MediaRequest {
    switch kind {
    case .openPeer: .openPeer(id: 1, peer: "p", localAddresses: ["192.168.4.1", "fd00::1"], shape: MediaShape())
    case .setAnswer: .setAnswer(id: 3, peer: "p", sdp: strange)
    case .reshapePeer:
      .reshapePeer(
        id: 6, peer: "p", shape: MediaShape(audio: 3, video: 15, screen: true, simulcast: true), restart: true)
    case .setFeed:
      .setFeed(
        id: 4, of: .peer("p"),
        feed: MediaFeed(
          audio: [.local, .peer("q")],
          video: [MediaView(from: .local), nil, MediaView(from: .peer("q"), screen: true, height: 180)]))
    case .closePeer: .closePeer(id: 5, peer: strange)
    case .list: .list(id: .min)
    }
  }
}

extension MediaEvent: SampledMessage {
  enum Kind: CaseIterable { case offer, done, peers, refused, connected, receiving, speaking, closed }
  var kind: Kind {
    switch self {
    case .reply(_, .offer): .offer
    case .reply(_, .done): .done
    case .reply(_, .peers): .peers
    case .reply(_, .refused): .refused
    case .connected: .connected
    case .receiving: .receiving
    case .speaking: .speaking
    case .closed: .closed
    }
  }
  static func sample(_ kind: Kind) -> MediaEvent {
    switch kind {
    case .offer: .reply(id: 1, .offer(MediaOffer(sdp: strange, video: ["1", "4"], screen: "5")))
    case .done: .reply(id: 3, .done)
    case .peers: .reply(id: 4, .peers([MediaPeerStatus(peer: "p", connected: true)]))
    case .refused: .reply(id: 5, .refused(code: "noSuchPeer", detail: strange))
    case .connected: .connected(peer: "p")
    case .receiving: .receiving(peer: "p", audio: true, video: false)
    case .speaking: .speaking(of: .peer("p"), true)
    case .closed: .closed(peer: "p", reason: "silent")
    }
  }
}

extension LocalRequest: SampledMessage {
  enum Kind: CaseIterable { case status, watch, button, plug, log, selfTest, stop }
  var kind: Kind {
    switch self {
    case .status: .status
    case .watch: .watch
    case .button: .button
    case .plug: .plug
    case .log: .log
    case .selfTest: .selfTest
    case .stop: .stop
    }
  }
  static func sample(_ kind: Kind) -> LocalRequest {
    switch kind {
    case .status: .status
    case .watch: .watch
    case .button: .button(.call, down: true)
    case .plug: .plug(.speaker, in: false)
    case .log: .log(from: 7)
    case .selfTest: .selfTest
    case .stop: .stop
    }
  }
}

extension LocalReply: SampledMessage {
  enum Kind: CaseIterable { case done, status, log, refused }
  var kind: Kind {
    switch self {
    case .done: .done
    case .status: .status
    case .log: .log
    case .refused: .refused
    }
  }
  static func sample(_ kind: Kind) -> LocalReply {
    switch kind {
    case .done: .done
    case .status: .status(status)
    case .log: .log([logLine])
    case .refused: .refused(strange)
    }
  }

  static let logLine = LogLine(
    number: 3, milliseconds: 4, priority: 6, process: "media", text: strange, fields: ["USER": strange])

  static let status = BoxStatus(
    name: strange, version: "1", board: "simulated", readyAfterMilliseconds: nil, uptimeSeconds: 3, isolated: false,
    httpsPort: 443, httpPort: 80, mediaPort: 5004, urls: ["https://fieldbox.internal/"], state: "ready",
    lamps: ["STATUS": "blue"],
    children: [
      "server": .init(state: "running", pid: 42, restarts: 1, lastEnd: "signal 9", memoryBytes: 7, counters: ["a": 1])
    ],
    devices: ["camera": .init(state: "gone", detail: "unplugged")], counters: ["x.y": 2],
    faults: [.init(what: "camera", detail: "unplugged", sinceUptimeSeconds: 1)], faultsSoFar: 1, memoryBytes: 8,
    selfTest: .init(number: 1, atUptimeSeconds: 2, findings: [strange]))
}
