import Codecs
import FoundationEssentials
import Glibc
import Linux
import TestSupport

/// A picture with content that moves: two soft waves and a hard-edged square.
func movingPicture(_ width: Int, _ height: Int, step: Int) throws -> Picture {
  let picture = try Picture(width: width, height: height)
  let bytes = picture.bytes
  for y in 0..<height {
    for x in 0..<width {
      let inSquare = (x + 320 - step * 4) % 320 < 48 && y > height / 3 && y < height / 3 + 48
      bytes[y * width + x] = inSquare ? 220 : UInt8(110 + (x / 2 + y / 3 + step) % 96)
    }
  }
  return picture
}

/// Peak signal-to-noise ratio of the brightness, in dB; 0 for pictures of different size.
func lumaPSNR(_ a: PictureView, _ b: PictureView) -> Double {
  guard a.size == b.size else { return 0 }
  var sum = 0.0
  for y in 0..<a.size.height {
    for x in 0..<a.size.width {
      let difference = Double(a.y[y * a.strideY + x]) - Double(b.y[y * b.strideY + x])
      sum += difference * difference
    }
  }
  return 10 * log10(255 * 255 / max(sum / Double(a.size.width * a.size.height), 1e-9))
}

extension PictureView {
  /// Blue and red difference at a pixel; nil outside.
  func chroma(_ x: Int, _ row: Int) -> (u: UInt8, v: UInt8)? {
    guard x >= 0, row >= 0, x < size.width, row < size.height else { return nil }
    return (u[row / 2 * strideU + x / 2], v[row / 2 * strideV + x / 2])
  }
}

/// A sine at 48 kHz (or another rate), 16 bits.
func tone(_ hertz: Double, samples: Int, from start: Int = 0, amplitude: Double = 8_000, rate: Double = 48_000)
  -> [Int16]
{
  (0..<samples).map { Int16(amplitude * sin(2 * Double.pi * hertz * Double(start + $0) / rate)) }
}

/// Packets of Opus, one for each block of `samples`.
func opusPackets(_ encoder: OpusEncoder, _ samples: [Int16], block: Int) throws -> [[UInt8]] {
  var packets: [[UInt8]] = []
  var buffer = [UInt8](repeating: 0, count: OpusEncoder.largestPacketBytes)
  for start in stride(from: 0, through: samples.count - block, by: block) {
    let length = try buffer.withUnsafeMutableBytes { buffer in
      try samples[start..<start + block].withUnsafeBufferPointer { try encoder.encode($0, into: PacketView(buffer)) }
    }
    packets.append(Array(buffer.prefix(length)))
  }
  return packets
}

/// Hands an array to something that takes packet memory.
func withPacket<Result>(_ bytes: [UInt8], _ body: (PacketView) throws -> Result) rethrows -> Result {
  var bytes = bytes
  return try bytes.withUnsafeMutableBytes { try body(PacketView($0)) }
}

/// One or more bytes changed, cut off or added.
func damaged(_ bytes: [UInt8], _ random: inout SeededGenerator) -> [UInt8] {
  var bytes = bytes
  for _ in 0..<Int.random(in: 1...8, using: &random) where !bytes.isEmpty {
    let at = Int.random(in: 0..<bytes.count, using: &random)
    switch Int.random(in: 0..<4, using: &random) {
    case 0: bytes[at] ^= 1 << UInt8.random(in: 0..<8, using: &random)
    case 1: bytes[at] = UInt8.random(in: 0...255, using: &random)
    case 2: bytes.removeSubrange(at...)
    default: bytes.insert(UInt8.random(in: 0...255, using: &random), at: at)
    }
  }
  return bytes
}

/// 64×48 pixels, the left half red and the right half blue.
enum TestJPEG {
  static let width = 64
  static let height = 48
  static let with420 = bytes(
    """
    /9j/4AAQSkZJRgABAQAAAQABAAD/2wBDAAYEBQYFBAYGBQYHBwYIChAKCgkJChQODwwQFxQYGBcUFhYaHSUfGhsjHBYWICwgIyYnKSopGR8tMC0oMCUo\
    KSj/2wBDAQcHBwoIChMKChMoGhYaKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCj/wAARCAAwAEADASIAAhEB\
    AxEB/8QAHwAAAQUBAQEBAQEAAAAAAAAAAAECAwQFBgcICQoL/8QAtRAAAgEDAwIEAwUFBAQAAAF9AQIDAAQRBRIhMUEGE1FhByJxFDKBkaEII0KxwRVS\
    0fAkM2JyggkKFhcYGRolJicoKSo0NTY3ODk6Q0RFRkdISUpTVFVWV1hZWmNkZWZnaGlqc3R1dnd4eXqDhIWGh4iJipKTlJWWl5iZmqKjpKWmp6ipqrKz\
    tLW2t7i5usLDxMXGx8jJytLT1NXW19jZ2uHi4+Tl5ufo6erx8vP09fb3+Pn6/8QAHwEAAwEBAQEBAQEBAQAAAAAAAAECAwQFBgcICQoL/8QAtREAAgEC\
    BAQDBAcFBAQAAQJ3AAECAxEEBSExBhJBUQdhcRMiMoEIFEKRobHBCSMzUvAVYnLRChYkNOEl8RcYGRomJygpKjU2Nzg5OkNERUZHSElKU1RVVldYWVpj\
    ZGVmZ2hpanN0dXZ3eHl6goOEhYaHiImKkpOUlZaXmJmaoqOkpaanqKmqsrO0tba3uLm6wsPExcbHyMnK0tPU1dbX2Nna4uPk5ebn6Onq8vP09fb3+Pn6\
    /9oADAMBAAIRAxEAPwDiqKKK8A/WwooooAx6KKK/cj8MCiiigDYooor8NP3MKKKKAMeiiiv3I/DAooooA2KKKK/DT9zCiiigDHooor9yPwwKKKKAP//Z
    """)
  static let with422 = bytes(
    """
    /9j/4AAQSkZJRgABAQAAAQABAAD/2wBDAAYEBQYFBAYGBQYHBwYIChAKCgkJChQODwwQFxQYGBcUFhYaHSUfGhsjHBYWICwgIyYnKSopGR8tMC0oMCUo\
    KSj/2wBDAQcHBwoIChMKChMoGhYaKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCj/wAARCAAwAEADASEAAhEB\
    AxEB/8QAHwAAAQUBAQEBAQEAAAAAAAAAAAECAwQFBgcICQoL/8QAtRAAAgEDAwIEAwUFBAQAAAF9AQIDAAQRBRIhMUEGE1FhByJxFDKBkaEII0KxwRVS\
    0fAkM2JyggkKFhcYGRolJicoKSo0NTY3ODk6Q0RFRkdISUpTVFVWV1hZWmNkZWZnaGlqc3R1dnd4eXqDhIWGh4iJipKTlJWWl5iZmqKjpKWmp6ipqrKz\
    tLW2t7i5usLDxMXGx8jJytLT1NXW19jZ2uHi4+Tl5ufo6erx8vP09fb3+Pn6/8QAHwEAAwEBAQEBAQEBAQAAAAAAAAECAwQFBgcICQoL/8QAtREAAgEC\
    BAQDBAcFBAQAAQJ3AAECAxEEBSExBhJBUQdhcRMiMoEIFEKRobHBCSMzUvAVYnLRChYkNOEl8RcYGRomJygpKjU2Nzg5OkNERUZHSElKU1RVVldYWVpj\
    ZGVmZ2hpanN0dXZ3eHl6goOEhYaHiImKkpOUlZaXmJmaoqOkpaanqKmqsrO0tba3uLm6wsPExcbHyMnK0tPU1dbX2Nna4uPk5ebn6Onq8vP09fb3+Pn6\
    /9oADAMBAAIRAxEAPwDiqK8A/WwooAx6K/cj8MCigDYor8NP3MKKAMeiv3I/DAooA2KK/DT9zCigDHor9yPwwKKANiivw0/cwooAx6K/cj8MCigDYor8\
    NP3MKKAMeiv3I/DAooA2KK/DT9zCigDHor9yPwwKKAP/2Q==
    """)
  static let with444 = bytes(
    """
    /9j/4AAQSkZJRgABAQAAAQABAAD/2wBDAAgGBgcGBQgHBwcJCQgKDBQNDAsLDBkSEw8UHRofHh0aHBwgJC4nICIsIxwcKDcpLDAxNDQ0Hyc5PTgyPC4z\
    NDL/2wBDAQkJCQwLDBgNDRgyIRwhMjIyMjIyMjIyMjIyMjIyMjIyMjIyMjIyMjIyMjIyMjIyMjIyMjIyMjIyMjIyMjIyMjL/wAARCAAwAEADAREAAhEB\
    AxEB/8QAHwAAAQUBAQEBAQEAAAAAAAAAAAECAwQFBgcICQoL/8QAtRAAAgEDAwIEAwUFBAQAAAF9AQIDAAQRBRIhMUEGE1FhByJxFDKBkaEII0KxwRVS\
    0fAkM2JyggkKFhcYGRolJicoKSo0NTY3ODk6Q0RFRkdISUpTVFVWV1hZWmNkZWZnaGlqc3R1dnd4eXqDhIWGh4iJipKTlJWWl5iZmqKjpKWmp6ipqrKz\
    tLW2t7i5usLDxMXGx8jJytLT1NXW19jZ2uHi4+Tl5ufo6erx8vP09fb3+Pn6/8QAHwEAAwEBAQEBAQEBAQAAAAAAAAECAwQFBgcICQoL/8QAtREAAgEC\
    BAQDBAcFBAQAAQJ3AAECAxEEBSExBhJBUQdhcRMiMoEIFEKRobHBCSMzUvAVYnLRChYkNOEl8RcYGRomJygpKjU2Nzg5OkNERUZHSElKU1RVVldYWVpj\
    ZGVmZ2hpanN0dXZ3eHl6goOEhYaHiImKkpOUlZaXmJmaoqOkpaanqKmqsrO0tba3uLm6wsPExcbHyMnK0tPU1dbX2Nna4uPk5ebn6Onq8vP09fb3+Pn6\
    /9oADAMBAAIRAxEAPwDlq8M/VAoAKACgDMr9ePxMKACgAoA06/IT9sCgAoAKAMyv14/EwoAKACgDTr8hP2wKACgAoAzK/Xj8TCgAoAKANOvyE/bAoAKA\
    CgDMr9ePxMKACgAoA06/IT9sCgAoAKAMyv14/EwoAKACgDTr8hP2wKACgAoAzK/Xj8TCgAoAKAP/2Q==
    """)
  /// Without colour.
  static let grey = bytes(
    """
    /9j/4AAQSkZJRgABAQAAAQABAAD/2wBDAAgGBgcGBQgHBwcJCQgKDBQNDAsLDBkSEw8UHRofHh0aHBwgJC4nICIsIxwcKDcpLDAxNDQ0Hyc5PTgyPC4z\
    NDL/wAALCAAwAEABAREA/8QAHwAAAQUBAQEBAQEAAAAAAAAAAAECAwQFBgcICQoL/8QAtRAAAgEDAwIEAwUFBAQAAAF9AQIDAAQRBRIhMUEGE1FhByJx\
    FDKBkaEII0KxwRVS0fAkM2JyggkKFhcYGRolJicoKSo0NTY3ODk6Q0RFRkdISUpTVFVWV1hZWmNkZWZnaGlqc3R1dnd4eXqDhIWGh4iJipKTlJWWl5iZ\
    mqKjpKWmp6ipqrKztLW2t7i5usLDxMXGx8jJytLT1NXW19jZ2uHi4+Tl5ufo6erx8vP09fb3+Pn6/9oACAEBAAA/AOWooorNooorSooorNooorSooorN\
    ooorSooorNooorSooorNooorSooorNooor//2Q==
    """)
  /// Colour at half the height: no camera does so.
  static let with440 = bytes(
    """
    /9j/4AAQSkZJRgABAQAAAQABAAD/2wBDAAgGBgcGBQgHBwcJCQgKDBQNDAsLDBkSEw8UHRofHh0aHBwgJC4nICIsIxwcKDcpLDAxNDQ0Hyc5PTgyPC4z\
    NDL/2wBDAQkJCQwLDBgNDRgyIRwhMjIyMjIyMjIyMjIyMjIyMjIyMjIyMjIyMjIyMjIyMjIyMjIyMjIyMjIyMjIyMjIyMjL/wAARCAAwAEADARIAAhEB\
    AxEB/8QAHwAAAQUBAQEBAQEAAAAAAAAAAAECAwQFBgcICQoL/8QAtRAAAgEDAwIEAwUFBAQAAAF9AQIDAAQRBRIhMUEGE1FhByJxFDKBkaEII0KxwRVS\
    0fAkM2JyggkKFhcYGRolJicoKSo0NTY3ODk6Q0RFRkdISUpTVFVWV1hZWmNkZWZnaGlqc3R1dnd4eXqDhIWGh4iJipKTlJWWl5iZmqKjpKWmp6ipqrKz\
    tLW2t7i5usLDxMXGx8jJytLT1NXW19jZ2uHi4+Tl5ufo6erx8vP09fb3+Pn6/8QAHwEAAwEBAQEBAQEBAQAAAAAAAAECAwQFBgcICQoL/8QAtREAAgEC\
    BAQDBAcFBAQAAQJ3AAECAxEEBSExBhJBUQdhcRMiMoEIFEKRobHBCSMzUvAVYnLRChYkNOEl8RcYGRomJygpKjU2Nzg5OkNERUZHSElKU1RVVldYWVpj\
    ZGVmZ2hpanN0dXZ3eHl6goOEhYaHiImKkpOUlZaXmJmaoqOkpaanqKmqsrO0tba3uLm6wsPExcbHyMnK0tPU1dbX2Nna4uPk5ebn6Onq8vP09fb3+Pn6\
    /9oADAMBAAIRAxEAPwDlqK8M/VAooAKKACigDMor9ePxMKKACigAooA06K/IT9sCigAooAKKAMyiv14/EwooAKKACigDTor8hP2wKKACigAooAzKK/Xj\
    8TCigAooAKKAP//Z
    """)

  /// The same picture without its Huffman tables, which are those of the standard: some USB cameras leave them out.
  static func withoutTables(_ jpeg: [UInt8]) -> [UInt8] { without(0xC4, jpeg) }

  /// Leaves out all segments of a kind before the coded picture.
  private static func without(_ marker: UInt8, _ jpeg: [UInt8]) -> [UInt8] {
    var at = 2
    var rest = Array(jpeg.prefix(2))
    while at + 4 <= jpeg.count, jpeg[at + 1] != 0xDA {
      let end = at + 2 + (Int(jpeg[at + 2]) << 8 | Int(jpeg[at + 3]))
      if jpeg[at + 1] != marker { rest += jpeg[at..<end] }
      at = end
    }
    return rest + jpeg[at...]
  }

  /// The same data, said to be a picture of another size.
  static func resized(_ jpeg: [UInt8], width: UInt16, height: UInt16) -> [UInt8] {
    var jpeg = jpeg
    for at in 0..<jpeg.count - 9 where jpeg[at] == 0xFF && jpeg[at + 1] == 0xC0 {
      for (place, value) in [(5, height), (7, width)] {
        jpeg[at + place] = UInt8(value >> 8)
        jpeg[at + place + 1] = UInt8(truncatingIfNeeded: value)
      }
    }
    return jpeg
  }

  private static func bytes(_ text: String) -> [UInt8] { Data(base64Encoded: text).map { [UInt8]($0) } ?? [] }
}
