import Linux

extension SessionDescription: CustomStringConvertible {
  /// The text of the description, lines ending with CR LF.
  public var description: String {
    var text = "v=0\r\no=- \(sessionID) \(sessionVersion) IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\n"
    func attribute(_ value: String) { text += "a=\(value)\r\n" }
    if !bundle.isEmpty { attribute("group:BUNDLE \(bundle.joined(separator: " "))") }
    if isICELite { attribute("ice-lite") }
    if !iceOptions.isEmpty { attribute("ice-options:\(iceOptions.joined(separator: " "))") }
    if extmapAllowMixed { attribute("extmap-allow-mixed") }
    if !media.isEmpty { attribute("msid-semantic: WMS *") }
    for section in media { section.write(to: &text) }
    return text
  }
}

extension MediaDescription {
  fileprivate func write(to text: inout String) {
    func attribute(_ value: String) { text += "a=\(value)\r\n" }
    text += "m=\(kind.name) \(port) \(proto) \(formats.joined(separator: " "))\r\n"
    text += "c=IN \(connection)\r\n"
    if !mid.isEmpty { attribute("mid:\(mid)") }
    if isBundleOnly { attribute("bundle-only") }
    attribute(direction.rawValue)
    if let iceUfrag { attribute("ice-ufrag:\(iceUfrag)") }
    if let icePassword { attribute("ice-pwd:\(icePassword)") }
    for fingerprint in fingerprints { attribute("fingerprint:\(fingerprint.algorithm) \(fingerprint.value)") }
    if let setup { attribute("setup:\(setup.rawValue)") }
    if isRTCPMultiplexed { attribute("rtcp-mux") }
    if isRTCPReducedSize { attribute("rtcp-rsize") }
    for item in extensions {
      attribute("extmap:\(item.id)\(item.direction.map { "/" + $0.rawValue } ?? "") \(item.uri)")
    }
    for codec in codecs { codec.write(to: &text) }
    for rid in restrictions { attribute("rid:\(rid.id) \(rid.direction)\(rid.restrictions.map { " " + $0 } ?? "")") }
    if let simulcast { attribute("simulcast:\(simulcast)") }
    for id in msids { attribute("msid:\(id.text)") }
    for group in sourceGroups {
      attribute("ssrc-group:\(group.semantics) \(group.ssrcs.map(String.init).joined(separator: " "))")
    }
    for source in sources {
      if let cname = source.cname { attribute("ssrc:\(source.ssrc) cname:\(cname)") }
      if let msid = source.msid { attribute("ssrc:\(source.ssrc) msid:\(msid.text)") }
    }
    for candidate in candidates { attribute("candidate:\(candidate.sdp)") }
    if hasEndOfCandidates { attribute("end-of-candidates") }
  }

  /// The default destination: the first candidate if there is one with an address (RFC 8839 section 4.2.1.2).
  private var connection: String {
    guard port > 9, let address = candidates.first(where: { $0.port == port })?.socketAddress else {
      return "IP4 0.0.0.0"
    }
    return "\(address.isIPv4 ? "IP4" : "IP6") \(address.literal)"
  }
}

extension CodecDescription {
  fileprivate func write(to text: inout String) {
    text += "a=rtpmap:\(payloadType) \(name)/\(clockRate)\(channels == 1 ? "" : "/\(channels)")\r\n"
    for item in feedback { text += "a=rtcp-fb:\(payloadType) \(item)\r\n" }
    if let parameters { text += "a=fmtp:\(payloadType) \(parameters)\r\n" }
  }
}

extension MediaDescription.Kind {
  var name: String {
    switch self {
    case .audio: "audio"
    case .video: "video"
    case .application: "application"
    case .other(let name): name
    }
  }
}

extension MediaStreamID {
  fileprivate var text: String { track.map { "\(stream) \($0)" } ?? stream }
}
