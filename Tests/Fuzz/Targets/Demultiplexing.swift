import Linux
import WebRTC

extension FuzzTarget {
  /// Whatever a datagram is said to be, it has room for that protocol's header.
  static let demultiplexing = FuzzTarget(
    "demultiplexing",
    seeds: {
      [
        [0x00, 0x01, 0x00, 0x00, 0x21, 0x12, 0xa4, 0x42] + Array(repeating: 7, count: 12),
        [22, 0xfe, 0xff, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1], [0x80, 96, 0, 1, 0, 0, 0, 1, 0, 0, 0, 2, 0xaa],
        [0x81, 200, 0, 1, 0, 0, 0, 1],
      ]
    },
    run: { view in
      let least =
        switch DatagramKind.classify(view) {
        case .stun: 20
        case .dtls: 13
        case .rtp: 12
        case .rtcp: 8
        case .unknown: 0
        }
      return view.count >= least ? nil : "\(view.count) bytes pass for a header of \(least)"
    })
}
