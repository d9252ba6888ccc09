import Links
import Linux

/// Who stands at one end of a call: the box's own devices, or a device of a user.
enum Participant: Hashable, Sendable, Codable {
  case box
  case device(DeviceID)
}

/// How far the media of one participant is.
enum PeerLink: Equatable, Sendable, Codable {
  /// The box's camera, microphone and speaker: always up.
  case local
  /// No peer: the media plane is away, or it failed while the call rang.
  case none
  /// Asked for.
  case opening(PeerID)
  /// The device has the offer. `up`: the media plane has heard from it already, but no answer has been given.
  case offered(PeerID, up: Bool)
  /// The media plane has the answer.
  case answered(PeerID)
  case connected(PeerID)

  var peer: PeerID? {
    switch self {
    case .local, .none: nil
    case .opening(let peer), .offered(let peer, _), .answered(let peer), .connected(let peer): peer
    }
  }

  /// What feeds may name: a peer that the media plane knows.
  var endpoint: MediaEndpoint? {
    switch self {
    case .local: .local
    case .none, .opening: nil
    case .offered(let peer, _), .answered(let peer), .connected(let peer): .peer(peer.rawValue)
    }
  }

  /// The device has a connection for it.
  var isAnswered: Bool {
    switch self {
    case .answered, .connected: true
    case .local, .none, .opening, .offered: false
    }
  }

  var isUp: Bool {
    switch self {
    case .local, .connected: true
    case .none, .opening, .offered, .answered: false
    }
  }
}

/// One participant of one call.
struct Leg: Sendable, Codable {
  let participant: Participant
  let user: UserID
  let isCaller: Bool
  /// This leg is the callee's end of the call.
  var accepted = false
  var link: PeerLink
  /// What it sends just now, by its own word.
  var sends: CallView.Media
  /// Over for this leg, though the call may go on.
  var end: CallEnd?
  /// What its device heard last; to send only what changed.
  var lastView: CallView?

  var device: DeviceID? { if case .device(let id) = participant { id } else { nil } }
}

/// One call with all who ring or talk.
struct Call: Sendable, Codable {
  let id: CallID
  let caller: UserID
  /// As asked for; the first names the call's other end for the caller until somebody accepts.
  let callees: [UserID]
  let audio: Bool
  /// A call of sound alone may become one with pictures, and stays it.
  var video: Bool
  var machine = CallMachine()
  /// The callees who may still accept; after that, the one who did.
  var invited: [UserID]
  var legs: [Leg] = []
  var ringsUntil: MonotonicTime
  /// While media of an active call is not through: when to give up.
  var mediaUntil: MonotonicTime?
  var endsSoonAt: MonotonicTime?
  var endsAt: MonotonicTime?
  var connectedAt: WallTime?
  /// Views or feeds may have changed since they were last told.
  var changed = true

  /// The two legs that talk, once somebody accepted.
  var activeLegs: [Int] {
    machine.isActive ? legs.indices.filter { legs[$0].end == nil && (legs[$0].isCaller || legs[$0].accepted) } : []
  }
  /// The legs that ring.
  var ringingLegs: [Int] {
    machine.isRinging ? legs.indices.filter { legs[$0].end == nil && !legs[$0].isCaller } : []
  }
  func isActive(_ leg: Int) -> Bool { activeLegs.contains(leg) }

  /// From now on with pictures. The box sends its own at once; a person is not filmed before they want it.
  mutating func addVideo() {
    video = true
    for l in legs.indices { legs[l].sends.video = legs[l].participant == .box }
  }

  /// Users for whom another call would be one too many.
  var engaged: [UserID] { machine.state == .ended ? [] : [caller] + invited }
  var includesBox: Bool { caller == .box || callees.contains(.box) }
  func isMember(_ user: UserID) -> Bool { caller == user || callees.contains(user) }

  var nextTimeout: MonotonicTime? {
    let due = machine.isRinging ? [ringsUntil] : [mediaUntil, endsSoonAt, endsAt].compactMap { $0 }
    return due.min()
  }

  /// Who gets what: nothing before the call is accepted, but for the box's picture to those it rings.
  var feeds: [MediaEndpoint: MediaFeed] {
    if machine.isRinging {
      guard caller == .box, video else { return [:] }
      let preview = MediaFeed(video: [MediaView(from: .local)])
      return Dictionary(ringingLegs.compactMap { legs[$0].link.endpoint }.map { ($0, preview) }) { $1 }
    }
    let ends = activeLegs.compactMap { legs[$0].link.endpoint }
    guard ends.count == 2, let one = ends.first, let other = ends.last else { return [:] }
    func feed(from other: MediaEndpoint) -> MediaFeed {
      MediaFeed(audio: audio ? [other] : [], video: video ? [MediaView(from: other)] : [])
    }
    return [one: feed(from: other), other: feed(from: one)]
  }
}
