/// What one device of a call tells the other about the direct way between them; the box hands it on and does not read it.
public enum SignalKind: String, Codable, Sendable, CaseIterable {
  /// The caller begins an attempt with its session description.
  case offer
  /// The other one's description.
  case answer
  /// One more address of the sender (RFC 8838); browsers may hide it behind a `.local` name (RFC 8828).
  case candidate
  /// The sender hears and sees the other on the direct way: the way through the box may fall silent.
  case receiving
  /// The attempt has failed, or the direct way broke: back to the way through the box.
  case lost
}

/// A signal to the other device of a call.
public struct SignalRequest: APIMessage {
  public var device: DeviceID
  public var call: CallID
  /// Counted by the caller from 1, so that what belongs to an earlier attempt is known by it.
  public var attempt: Int
  public var kind: SignalKind
  /// With `offer` and `answer`.
  public var sdp: String?
  /// With `candidate`: the value of the attribute, and the section of the description that it is for.
  public var candidate: String?
  public var mid: String?
  public init(
    device: DeviceID, call: CallID, attempt: Int, kind: SignalKind, sdp: String? = nil, candidate: String? = nil,
    mid: String? = nil
  ) {
    self.device = device
    self.call = call
    self.attempt = attempt
    self.kind = kind
    self.sdp = sdp
    self.candidate = candidate
    self.mid = mid
  }
}

extension Event {
  /// What the other device of a call says of the direct way.
  public struct Signal: APIMessage {
    public var call: CallID
    public var attempt: Int
    public var kind: SignalKind
    public var sdp: String?
    public var candidate: String?
    public var mid: String?
    public init(
      call: CallID, attempt: Int, kind: SignalKind, sdp: String? = nil, candidate: String? = nil, mid: String? = nil
    ) {
      self.call = call
      self.attempt = attempt
      self.kind = kind
      self.sdp = sdp
      self.candidate = candidate
      self.mid = mid
    }
  }
}

extension Validation {
  public static let attempts = 1...1_000_000
  public static let candidateLengths = 1...1_024
  public static let midLengths = 1...32

  /// The signal of a request, with what belongs to its kind and nothing else. `badRequest` if something of that is missing.
  public static func signal(_ request: SignalRequest) throws(APIError) -> Event.Signal {
    guard attempts.contains(request.attempt) else {
      throw APIError(
        .invalid, "an attempt is from \(attempts.lowerBound) to \(attempts.upperBound)", field: "attempt")
    }
    var signal = Event.Signal(call: request.call, attempt: request.attempt, kind: request.kind)
    switch request.kind {
    case .offer, .answer:
      guard let sdp = request.sdp else { throw APIError(.badRequest, "sdp is missing", field: "sdp") }
      try description(sdp)
      signal.sdp = sdp
    case .candidate:
      guard let candidate = request.candidate else {
        throw APIError(.badRequest, "candidate is missing", field: "candidate")
      }
      guard let mid = request.mid else { throw APIError(.badRequest, "mid is missing", field: "mid") }
      signal.candidate = try Self.candidate(candidate)
      guard midLengths.contains(mid.utf8.count), mid.utf8.allSatisfy(isPrintable) else {
        throw APIError(.invalid, "a mid has 1 to \(midLengths.upperBound) printable characters", field: "mid")
      }
      signal.mid = mid
    case .receiving, .lost: break
    }
    return signal
  }

  /// One line, as RFC 8839 section 5.1 begins it.
  private static func candidate(_ text: String) throws(APIError) -> String {
    guard candidateLengths.contains(text.utf8.count), text.utf8.starts(with: "candidate:".utf8),
      text.utf8.allSatisfy(isPrintable)
    else {
      throw APIError(
        .invalid, "a candidate begins with candidate: and has at most \(candidateLengths.upperBound) characters",
        field: "candidate")
    }
    return text
  }

  private static func isPrintable(_ byte: UInt8) -> Bool { (0x20..<0x7f).contains(byte) }
}
