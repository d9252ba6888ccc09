import Linux

/// Which temporal layers of VP8 pass to one subscriber (RFC 7741 section 4.2): fewer pictures a second on a narrow way. Down it goes at
/// once, up one layer at a time, and only with a picture that refers to nothing that was left out.
struct TemporalFilter {
  /// More than there are.
  static let all: UInt8 = 3

  /// The highest that may pass.
  var limit = Self.all
  /// The highest that passes.
  private var passing = Self.all

  /// A source begins with a key frame: whatever follows refers to it at most.
  mutating func begin(_ limit: UInt8) {
    self.limit = limit
    passing = limit
  }

  /// - Parameter descriptor: of the packet; nil, or one without a layer, always passes.
  mutating func passes(_ descriptor: VP8Descriptor?, startsKeyFrame: Bool) -> Bool {
    guard let descriptor, let layer = descriptor.temporalLayer else { return true }
    if startsKeyFrame {
      passing = limit
    } else if descriptor.startsFrame {
      passing = min(passing, limit)
      if layer == passing &+ 1, layer <= limit, descriptor.refersToBaseOnly { passing = layer }
    }
    return layer <= passing
  }
}
