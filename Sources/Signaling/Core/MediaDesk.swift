import Links

/// The link to the media plane: which requests wait for a reply, and what each endpoint gets.
struct MediaDesk: Sendable {
  enum Pending: Sendable, Equatable {
    case open(PeerID)
    case answer(PeerID)
    case reshape(PeerID)
    /// What the media plane has; `adopting` the peers of calls that this server took over from the one before.
    case list(adopting: Bool)
    /// Nothing depends on the reply.
    case other
  }

  /// Whether requests may be made, but for the list.
  private(set) var isLinked = false
  private var number = 0
  private var pending: [Int: Pending] = [:]
  /// What each endpoint gets, as was told last; nil when the media plane may have something else.
  var feeds: [MediaEndpoint: MediaFeed]?

  mutating func link() {
    lose()
    isLinked = true
  }

  /// The media process, or the link to it, is gone, with everything that was asked.
  mutating func lose() {
    isLinked = false
    pending.removeAll()
    feeds = nil
  }

  /// The number of a new request.
  mutating func expect(_ reply: Pending) -> Int {
    number &+= 1
    pending[number] = reply
    return number
  }

  /// What a reply is about; nil if nobody asked.
  mutating func take(_ id: Int) -> Pending? { pending.removeValue(forKey: id) }
}
