import Glibc
import Linux

/// What a simulated microphone hears.
protocol SoundSource: AnyObject {
  /// Fills `block` with what follows.
  func next(into block: UnsafeMutableBufferPointer<Int16>) throws(DeviceError)
  /// Leaves samples out.
  func skip(_ samples: Int)
}

/// A sine.
final class ToneSource: SoundSource {
  private let step: Double
  private let amplitude: Double
  private var phase = 0.0

  /// - Parameter decibels: 0 is full scale; above that it is cut to it.
  init(hertz: Double, decibels: Double) {
    step = 2 * Double.pi * min(max(hertz, 1), 20_000) / Double(SoundFormat.sampleRate)
    amplitude = min(pow(10, min(decibels, 0) / 20), 1) * 32_767
  }

  func next(into block: UnsafeMutableBufferPointer<Int16>) {
    // A pointer that turns by one step a sample: a sine for each would cost more than all else that this thread does.
    var (across, up) = (amplitude * cos(phase), amplitude * sin(phase))
    let (turnAcross, turnUp) = (cos(step), sin(step))
    for i in block.indices {
      block[i] = Int16(clamping: Int(up))
      (across, up) = (across * turnAcross - up * turnUp, up * turnAcross + across * turnUp)
    }
    skip(block.count)
  }

  func skip(_ samples: Int) { phase = (phase + step * Double(samples)).truncatingRemainder(dividingBy: 2 * Double.pi) }
}

/// A WAV file in a loop; stereo becomes mono.
final class WAVSource: SoundSource {
  private let file: RandomAccessFile
  private let header: WAVHeader
  private let bytes: UnsafeMutableRawBufferPointer
  private var position = 0

  init(path: String) throws(DeviceError) {
    let file = try RandomAccessFile(reading: path)
    header = try WAVHeader(try file.head(4_096), fileBytes: try file.size(), path: path)
    self.file = file
    bytes = .allocate(byteCount: SoundFormat.blockSamples * 4, alignment: 16)
  }

  deinit { bytes.deallocate() }

  func next(into block: UnsafeMutableBufferPointer<Int16>) throws(DeviceError) {
    let frame = header.channels * 2
    var filled = 0
    while filled < block.count {
      let wanted = min((block.count - filled) * frame, header.dataBytes - position, bytes.count)
      let count = try file.read(at: header.dataStart + position, into: .init(rebasing: bytes[..<wanted]))
      guard count == wanted else { throw .unsupported("\(file.path): became shorter while it was played") }
      let view = PacketView(bytes)
      for i in 0..<count / frame {
        let left = Int(Int16(bitPattern: view.u16(i * frame)?.byteSwapped ?? 0))
        let right = header.channels == 1 ? left : Int(Int16(bitPattern: view.u16(i * frame + 2)?.byteSwapped ?? 0))
        block[filled + i] = Int16(clamping: (left + right) / 2)
      }
      filled += count / frame
      position = (position + count) % header.dataBytes
    }
  }

  func skip(_ samples: Int) { position = (position + samples * header.channels * 2) % header.dataBytes }
}
