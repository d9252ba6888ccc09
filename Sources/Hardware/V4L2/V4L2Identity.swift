import CV4L2

/// By what a camera is known again, whatever number its node has.
struct V4L2Identity: Equatable, Sendable {
  /// Its name.
  var card: String
  /// Where it is plugged in.
  var bus: String
  /// The name of its link in by-id, with the serial number; nil where there is none, or none yet.
  var id: String?

  /// How well another one fits: the same device, the same kind in the same place, the same kind; nil if it is another camera.
  func likeness(to other: V4L2Identity) -> Int? {
    if let id, let otherID = other.id { return id == otherID ? 3 : nil }
    guard card == other.card else { return nil }
    return bus == other.bus ? 2 : 1
  }
}

extension v4l2_capability {
  /// What this node can do; drivers from before 3.4 tell it of all their nodes together.
  var nodeCapabilities: UInt32 {
    capabilities & UInt32(V4L2_CAP_DEVICE_CAPS) != 0 ? device_caps : capabilities
  }

  /// Whether pictures come out of it, and nothing has to go in.
  var isCamera: Bool {
    func has(_ flag: some BinaryInteger) -> Bool { nodeCapabilities & UInt32(truncatingIfNeeded: flag) != 0 }
    return has(V4L2_CAP_VIDEO_CAPTURE) && has(V4L2_CAP_STREAMING)
      && !has(V4L2_CAP_META_CAPTURE) && !has(V4L2_CAP_VIDEO_M2M) && !has(V4L2_CAP_VIDEO_OUTPUT)
  }

  var cardName: String { Self.text(card) }
  var busName: String { Self.text(bus_info) }
  var driverName: String { Self.text(driver) }

  /// What can be printed of a name in C, up to its end.
  private static func text<Bytes>(_ bytes: Bytes) -> String {
    withUnsafeBytes(of: bytes) { bytes in
      String(decoding: bytes.prefix { $0 != 0 }.map { (0x20...0x7E).contains($0) ? $0 : 0x3F }, as: UTF8.self)
    }
  }
}
