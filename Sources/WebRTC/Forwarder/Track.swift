import Linux

/// What an endpoint publishes in one section: sound, its camera or its screen; one stream, or the same in several sizes.
final class Track {
  let kind: MediaKind
  /// The largest first.
  let layers: [Publisher]
  /// Of sound: who may hear it.
  var listeners: [Listener] = []
  var loudness = Loudness()

  /// - Parameters:
  ///   - member: nil for the box's own devices.
  ///   - section: of the member.
  init(_ kind: MediaKind, layers count: Int = 1, member: Member? = nil, section: Int = 0) {
    self.kind = kind
    layers = (0..<max(1, count)).map { Publisher(kind, layer: $0, member: member, section: section) }
  }

  /// Whether anybody gets any of it.
  var isFollowed: Bool { layers.contains { !$0.subscriptions.isEmpty } }

  /// Everybody who gets it looks again which layer fits best.
  func chooseAgain(now: MonotonicTime, out: DatagramQueue) {
    guard layers.count > 1 else { return }
    for layer in layers { for subscription in layer.subscriptions { subscription.choose(now: now, out: out) } }
  }

  /// When an unanswered wish for a key frame has to be repeated.
  var nextTimeout: MonotonicTime? {
    var next: MonotonicTime?
    for layer in layers { if let time = layer.nextTimeout { next = min(next ?? time, time) } }
    return next
  }

  /// The layer for a picture of that height: the smallest that is as large, of those that come now and are not above the
  /// `largest`; the largest of them if none is; the first while nothing comes.
  func layer(height: Int?, largest: Int, now: MonotonicTime) -> Publisher {
    let coming = layers.filter { $0.isAlive(now) }
    let allowed = coming.filter { $0.layer >= largest }
    let alive = allowed.isEmpty ? coming.suffix(1) : allowed
    let enough = height.flatMap { height in alive.last { ($0.height ?? .max) >= height } }
    return enough ?? alive.first ?? layers[0]
  }
}
