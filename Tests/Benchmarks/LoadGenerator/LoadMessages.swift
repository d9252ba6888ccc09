/// What the generator is asked for: one JSON object in each line of its input.
enum LoadCommand: Codable {
  /// A peer that makes the first offer. With a `publisher`, a number of its own, it sends once it is connected. Reply: `description`.
  case offer(id: Int, peer: String, publisher: Int?)
  /// The answer to that offer. Reply: `done`.
  case settle(id: Int, peer: String, sdp: String)
  /// An offer for a peer, the first one makes it. Reply: `description`.
  case accept(id: Int, peer: String, publisher: Int?, sdp: String)
  /// From now on publishers up to this number send, each at that rate; the others are silent. No reply.
  case send(publishers: Int, kilobitsPerSecond: Int)
  /// Counts what is sent within so much time, and what of it arrives. Replies: `began`, `ended`, and `measured` a second later.
  case measure(id: Int, milliseconds: Int)
  /// No reply.
  case close(peer: String)
}

/// What it says: one JSON object in each line of its output. Times are microseconds of the monotonic clock.
enum LoadReport: Codable {
  case description(id: Int, sdp: String)
  case done(id: Int)
  case refused(id: Int, reason: String)
  case connected(peer: String, at: Int64)
  /// A peer has got the first whole picture of a publisher.
  case picture(peer: String, publisher: Int, at: Int64)
  case closed(peer: String, reason: String)
  case began(id: Int)
  case ended(id: Int)
  case measured(id: Int, Measured)
}

/// What one measurement has counted.
struct Measured: Codable {
  /// By all publishers together.
  var sent = 0
  /// Of that, by all peers together.
  var received = 0
  /// What never came, of the streams of which a peer got anything.
  var lost = 0
  /// Pairs of a peer and a stream that it got.
  var streams = 0
  /// The least that a peer got of a stream, of what was sent.
  var leastShare = 1.0
  /// From the moment at which a packet was handed to the socket until it was taken from the socket of its receiver, in microseconds.
  var delayMedian = 0
  var delayP99 = 0
  var delayMost = 0
  /// Bytes of the payloads that were received.
  var payloadBytes = 0
}
