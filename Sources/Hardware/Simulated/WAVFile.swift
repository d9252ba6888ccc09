import Linux

/// The form of a WAV file's sound, and where in the file it lies.
struct WAVHeader: Equatable {
  static let bytes = 44

  var dataStart: Int
  /// Of whole samples of all channels.
  var dataBytes: Int
  var channels: Int

  /// Takes 16-bit PCM at 48 kHz, mono or stereo; anything else is refused in words.
  /// - Parameters:
  ///   - head: the first few KiB of the file.
  ///   - fileBytes: its length, for recordings whose header was never completed.
  init(_ head: [UInt8], fileBytes: Int, path: String) throws(DeviceError) {
    var head = head
    let found = head.withUnsafeMutableBytes { Self.find(PacketView($0)) }
    guard let found else { throw .unsupported("\(path): no RIFF/WAVE file with \"fmt \" and \"data\" chunks") }
    guard found.format == 1 || found.format == 0xFFFE, found.rate == SoundFormat.sampleRate, found.bits == 16,
      found.channels == 1 || found.channels == 2
    else {
      throw .unsupported(
        "\(path): expected 16-bit PCM at 48000 Hz with 1 or 2 channels, got format \(found.format), "
          + "\(found.bits) bits, \(found.rate) Hz, \(found.channels) channels")
    }
    let there = max(0, fileBytes - found.start)
    let frame = found.channels * 2
    dataStart = found.start
    channels = found.channels
    dataBytes = (found.length == 0 ? there : min(found.length, there)) / frame * frame
    guard dataBytes >= frame else { throw .unsupported("\(path): no sound in it") }
  }

  private static func find(
    _ head: PacketView
  ) -> (format: Int, channels: Int, rate: Int, bits: Int, start: Int, length: Int)? {
    guard head.u32(0) == 0x5249_4646, head.u32(8) == 0x5741_5645 else { return nil }
    var form: (format: Int, channels: Int, rate: Int, bits: Int)?
    var at = 12
    // Chunk: four letters, length (little-endian), content, padded to an even length.
    while let name = head.u32(at), let length = head.u32(at + 4).map({ Int($0.byteSwapped) }) {
      if name == 0x666D_7420, let format = head.u16(at + 8), let channels = head.u16(at + 10),
        let rate = head.u32(at + 12), let bits = head.u16(at + 22)
      {
        form = (
          Int(format.byteSwapped), Int(channels.byteSwapped), Int(rate.byteSwapped), Int(bits.byteSwapped)
        )
      } else if name == 0x6461_7461 {
        return form.map { ($0.format, $0.channels, $0.rate, $0.bits, at + 8, length) }
      }
      at += 8 + length + length % 2
    }
    return nil
  }

  /// The header of a mono recording of 16-bit samples at 48 kHz that holds `dataBytes` by now.
  static func write(dataBytes: Int, to header: PacketView) {
    var writer = ByteWriter(header)
    let rate = UInt32(SoundFormat.sampleRate)
    writer.put("RIFF".utf8)
    writer.put(UInt32(clamping: dataBytes + bytes - 8).byteSwapped)
    writer.put("WAVEfmt ".utf8)
    writer.put(UInt32(16).byteSwapped)
    writer.put(UInt16(1).byteSwapped)
    writer.put(UInt16(1).byteSwapped)
    writer.put(rate.byteSwapped)
    writer.put((rate * 2).byteSwapped)
    writer.put(UInt16(2).byteSwapped)
    writer.put(UInt16(16).byteSwapped)
    writer.put("data".utf8)
    writer.put(UInt32(clamping: dataBytes).byteSwapped)
  }
}
