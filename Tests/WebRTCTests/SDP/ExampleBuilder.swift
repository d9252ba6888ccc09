import Linux

@testable import WebRTC

/// A box's descriptions with fixed secrets, as the browsers' recorded answers were made to.
enum Example {
  static let credentials = ICECredentials(ufrag: "boxboxbo", password: "0123456789abcdefghijklmn")
  static let fingerprint = Fingerprint(
    algorithm: "sha-256",
    value: (0..<32).map { $0 < 16 ? "0" + String($0, radix: 16) : String($0, radix: 16) }.joined(separator: ":"))

  static let address = SocketAddress(ipv4: 0x7f00_0001, port: 50000)
  static let addressIPv6 = SocketAddress(high: 0xfd00 << 48, low: 1, port: 50000)

  static let audio = LocalSection(
    kind: .audio, mid: "0", ssrc: 1001, cname: "box", msid: MediaStreamID(stream: "box", track: "microphone"))
  static let video = LocalSection(
    kind: .video, mid: "1", ssrc: 2001, rtxSSRC: 2002, cname: "box",
    msid: MediaStreamID(stream: "box", track: "camera"))

  static func builder(_ sections: [LocalSection] = [audio, video]) -> DescriptionBuilder {
    DescriptionBuilder(
      transport: LocalTransport(
        credentials: credentials, fingerprint: fingerprint,
        addresses: [address]), sections: sections, sessionID: 4_611_686_018)
  }
}
