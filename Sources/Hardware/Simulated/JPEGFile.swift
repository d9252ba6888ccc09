import Glibc
import Linux

/// As much of the JPEG format (ITU-T T.81, annex B) as it takes to cut a file of pictures apart.
enum JPEG {
  /// Length of the picture at the start of `bytes`: up to its end marker, or up to where the next picture begins if that
  /// is missing. Nil if it does not end within `bytes`.
  static func length(of bytes: PacketView) -> Int? {
    var at = 2
    while let prefix = bytes.u8(at), let marker = bytes.u8(at + 1) {
      switch (prefix, marker) {
      case (0xFF, 0xD9): return at + 2
      case (0xFF, 0xD8): return at
      case (0xFF, 0xFF): at += 1
      case (0xFF, 0x00), (0xFF, 0x01), (0xFF, 0xD0...0xD7): at = nextMarker(bytes, at + 2)
      case (0xFF, _):
        guard let length = bytes.u16(at + 2) else { return nil }
        at += 2 + Int(length)
        if marker == 0xDA { at = nextMarker(bytes, at) }
      default: at = nextMarker(bytes, at)
      }
    }
    return nil
  }

  /// Width and height from the frame header; nil if there is none.
  static func size(of bytes: PacketView) -> (width: Int, height: Int)? {
    guard bytes.u16(0) == 0xFFD8 else { return nil }
    var at = 2
    while let prefix = bytes.u8(at), prefix == 0xFF, let marker = bytes.u8(at + 1), let length = bytes.u16(at + 2) {
      switch marker {
      case 0xC4, 0xC8, 0xCC: break
      case 0xC0...0xCF:
        guard let height = bytes.u16(at + 5), let width = bytes.u16(at + 7) else { return nil }
        return (Int(width), Int(height))
      case 0xDA: return nil
      default: break
      }
      at += 2 + Int(length)
    }
    return nil
  }

  /// Where a picture begins at or behind `start`; nil if none does.
  static func start(in bytes: PacketView, from start: Int = 0) -> Int? {
    var at = nextMarker(bytes, start)
    while at < bytes.count {
      if bytes.u8(at + 1) == 0xD8, bytes.u8(at + 2) == 0xFF { return at }
      at = nextMarker(bytes, at + 1)
    }
    return nil
  }

  /// The next byte 0xFF at or behind `start`, or the end.
  private static func nextMarker(_ bytes: PacketView, _ start: Int) -> Int {
    guard let rest = bytes.dropFirst(start), let base = rest.raw.baseAddress,
      let found = memchr(base, 0xFF, rest.count)
    else { return max(start, bytes.count) }
    return start + base.distance(to: found)
  }
}
