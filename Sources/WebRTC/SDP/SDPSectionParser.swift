/// Reads the lines of one m-section.
struct SDPSectionParser {
  private var media: MediaDescription
  private let inheritedFingerprints: [Fingerprint]
  private var hasOwnFingerprints = false
  private var codecs: [UInt8: CodecDescription] = [:]
  private var parameters: [UInt8: String] = [:]
  private var feedback: [UInt8: [String]] = [:]
  private var feedbackForAll: [String] = []

  /// `m=<kind> <port>[/<count>] <proto> <format> …` (RFC 8866 section 5.14).
  init(_ body: SDPText, defaults: MediaDescription, line: Int) throws(SDPError) {
    let words = body.words
    guard words.count >= 4, words[0].isToken, let port = words[1].cut("/").0.number(UInt16.self) else {
      throw SDPError(line: line, expected: "m=kind port proto formats", found: body.string)
    }
    let kind: MediaDescription.Kind =
      switch words[0].string {
      case "audio": .audio
      case "video": .video
      case "application": .application
      case let name: .other(name)
      }
    media = defaults
    media.kind = kind
    media.port = port
    media.proto = words[2].string
    media.formats = words.dropFirst(3).map { $0.string }
    inheritedFingerprints = defaults.fingerprints
    guard kind == .audio || kind == .video else { return }
    guard words.dropFirst(3).allSatisfy({ Self.payloadType($0) != nil }) else {
      throw SDPError(line: line, expected: "payload types from 0 to 127", found: body.string)
    }
  }

  private static func payloadType(_ text: SDPText) -> UInt8? { text.number(UInt8.self).flatMap { $0 < 128 ? $0 : nil } }

  /// The section as it is once all its lines are read.
  func finished() -> MediaDescription {
    var media = media
    var codecs = codecs
    media.codecs = media.formats.compactMap { format in
      // Taken out of the table: a payload type that stands twice in the m-line counts once.
      guard let type = UInt8(format), var codec = codecs.removeValue(forKey: type) else { return nil }
      codec.parameters = parameters[type]
      codec.feedback = (feedback[type] ?? []) + feedbackForAll
      return codec
    }
    return media
  }

  mutating func attribute(_ name: SDPText, _ value: SDPText, line: Int) throws(SDPError) {
    if name.equals("fingerprint"), !hasOwnFingerprints {
      // A section's own fingerprints replace those of the session (RFC 8122 section 5).
      media.fingerprints = []
      hasOwnFingerprints = true
    }
    if try SDPTransportAttribute.read(name, value, into: &media, line: line) { return }
    switch name.string {
    case "mid":
      guard value.isToken, value.count <= 64 else { throw fault("mid of 1 to 64 token characters", value, line) }
      media.mid = value.string
    case "bundle-only": media.isBundleOnly = true
    case "rtcp-mux": media.isRTCPMultiplexed = true
    case "rtcp-rsize": media.isRTCPReducedSize = true
    case "end-of-candidates": media.hasEndOfCandidates = true
    case "candidate": try candidate(value, line)
    case "rtpmap": try rtpmap(value, line)
    case "fmtp": try fmtp(value, line)
    case "rtcp-fb": try rtcpFeedback(value, line)
    case "extmap": try extmap(value, line)
    case "ssrc": try source(value, line)
    case "ssrc-group": try sourceGroup(value, line)
    case "msid": try streamID(value, line)
    case "rid": try rid(value, line)
    case "simulcast": media.simulcast = value.string
    default: break
    }
  }

  private func fault(_ expected: String, _ value: SDPText, _ line: Int) -> SDPError {
    SDPError(line: line, expected: expected, found: value.string)
  }

  private mutating func candidate(_ value: SDPText, _ line: Int) throws(SDPError) {
    guard let candidate = try ICECandidate(value, line: line) else { return }
    guard media.candidates.count < SessionDescription.maximumCandidates else {
      throw fault("at most \(SessionDescription.maximumCandidates) candidates in a section", value, line)
    }
    media.candidates.append(candidate)
  }

  /// `<payload type> <name>/<clock rate>[/<channels>]`
  private mutating func rtpmap(_ value: SDPText, _ line: Int) throws(SDPError) {
    let words = value.words
    let parts = words.count == 2 ? words[1].split(separator: UInt8(ascii: "/")) : []
    guard (2...3).contains(parts.count), let type = Self.payloadType(words[0]), parts[0].isToken,
      let clockRate = parts[1].number(UInt32.self), clockRate > 0,
      let channels = parts.count == 3 ? parts[2].number(UInt8.self) : 1, channels > 0
    else { throw fault("rtpmap type name/rate[/channels]", value, line) }
    codecs[type] = CodecDescription(
      payloadType: type, name: parts[0].string, clockRate: clockRate, channels: channels)
  }

  private mutating func fmtp(_ value: SDPText, _ line: Int) throws(SDPError) {
    let (format, rest) = value.cut(" ")
    guard let rest, !rest.isEmpty else { throw fault("fmtp type parameters", value, line) }
    // Formats of other kinds of sections have names.
    if let type = Self.payloadType(format) { parameters[type] = rest.string }
  }

  private mutating func rtcpFeedback(_ value: SDPText, _ line: Int) throws(SDPError) {
    let (format, rest) = value.cut(" ")
    guard let rest, !rest.isEmpty else { throw fault("rtcp-fb type feedback", value, line) }
    if format.equals("*") {
      feedbackForAll.append(rest.string)
    } else if let type = Self.payloadType(format) {
      feedback[type, default: []].append(rest.string)
    } else {
      throw fault("rtcp-fb of a payload type or *", value, line)
    }
  }

  /// `<id>[/<direction>] <uri> [<attributes>]`
  private mutating func extmap(_ value: SDPText, _ line: Int) throws(SDPError) {
    let words = value.words
    guard words.count >= 2 else { throw fault("extmap id uri", value, line) }
    let (idText, directionText) = words[0].cut("/")
    let direction = directionText.flatMap { SDPTransportAttribute.direction($0) }
    guard let id = idText.number(UInt16.self), id > 0, directionText == nil || direction != nil else {
      throw fault("extmap id[/direction] uri", value, line)
    }
    // Ids above 255 stand for mappings still to be chosen (RFC 8285 section 7).
    guard let id = UInt8(exactly: id) else { return }
    media.extensions.append(HeaderExtensionDescription(id: id, uri: words[1].string, direction: direction))
  }

  /// `<ssrc> <attribute>[:<value>]`
  private mutating func source(_ value: SDPText, _ line: Int) throws(SDPError) {
    let (ssrcText, attribute) = value.cut(" ")
    guard let ssrc = ssrcText.number(UInt32.self), let attribute else {
      throw fault("ssrc number attribute", value, line)
    }
    let (name, rest) = attribute.cut(":")
    // Each source has a cname (RFC 5576 section 6.1); its other attributes say nothing to us.
    guard let rest, name.equals("cname") || name.equals("msid") else { return }
    let index = media.sources.firstIndex { $0.ssrc == ssrc } ?? media.sources.count
    if index == media.sources.count {
      guard index < SessionDescription.maximumSources else {
        throw fault("at most \(SessionDescription.maximumSources) sources in a section", value, line)
      }
      media.sources.append(MediaSource(ssrc: ssrc))
    }
    if name.equals("cname") {
      media.sources[index].cname = rest.string
    } else {
      guard let id = Self.streamID(rest) else { throw fault("ssrc number msid:stream [track]", value, line) }
      media.sources[index].msid = id
    }
  }

  private mutating func sourceGroup(_ value: SDPText, _ line: Int) throws(SDPError) {
    let words = value.words
    let ssrcs = words.dropFirst().compactMap { $0.number(UInt32.self) }
    guard words.count >= 2, words[0].isToken, ssrcs.count == words.count - 1,
      media.sourceGroups.count < SessionDescription.maximumSources
    else { throw fault("ssrc-group semantics ssrc …", value, line) }
    media.sourceGroups.append(MediaSourceGroup(semantics: words[0].string, ssrcs: ssrcs))
  }

  private static func streamID(_ value: SDPText) -> MediaStreamID? {
    let words = value.words
    guard (1...2).contains(words.count) else { return nil }
    return MediaStreamID(stream: words[0].string, track: words.count == 2 ? words[1].string : nil)
  }
  private mutating func streamID(_ value: SDPText, _ line: Int) throws(SDPError) {
    guard let id = Self.streamID(value), media.msids.count < SessionDescription.maximumSources else {
      throw fault("msid stream [track]", value, line)
    }
    media.msids.append(id)
  }

  /// `<id> <direction> [<restrictions>]`
  private mutating func rid(_ value: SDPText, _ line: Int) throws(SDPError) {
    let words = value.words
    guard (2...3).contains(words.count), words[0].isToken, words[1].equals("send") || words[1].equals("recv"),
      media.restrictions.count < SessionDescription.maximumSources
    else { throw fault("rid id send|recv [restrictions]", value, line) }
    media.restrictions.append(
      RestrictionID(
        id: words[0].string, direction: words[1].string, restrictions: words.count == 3 ? words[2].string : nil))
  }
}
