import Linux
import TestSupport
import Testing

@testable import Links

/// The datagrams of frames and sound, which are no JSON.
@Suite struct DatagramTests {
  /// Runs `body` on memory of that size, filled with noise.
  private func withMemory<R>(_ size: Int, seed: UInt64 = 1, _ body: (PacketView) throws -> R) rethrows -> R {
    var random = SeededGenerator(seed: seed)
    let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: size, alignment: 8)
    defer { memory.deallocate() }
    for i in memory.indices { memory[i] = UInt8.random(in: .min ... .max, using: &random) }
    return try body(PacketView(memory))
  }

  @Test(arguments: PixelFormat.allCases) func framesSurvive(format: PixelFormat) {
    let frame = FrameReady(
      slot: 3, format: format, width: 640, height: .max, length: 460_800, sequence: 0xdead_beef,
      captured: MonotonicTime(microseconds: -1))
    withMemory(FrameReady.bytes) { view in
      #expect(frame.write(to: view))
      #expect(FrameReady(view) == frame)
    }
  }

  @Test func soundSurvives() {
    let head = PCMHead(
      sequence: .max, playbackDelayMicroseconds: 21_333, time: MonotonicTime(microseconds: 1_234_567_890_123))
    withMemory(PCMHead.datagramBytes) { view in
      #expect(head.write(to: view))
      #expect(PCMHead(view) == head)
    }
    #expect(PCMHead.datagramBytes == 1_944)
    #expect(PCMHead.sampleRate == PCMHead.samples * 50, "a datagram is 20 ms")
  }

  @Test func releasesSurvive() {
    withMemory(FrameReleased.bytes) { view in
      #expect(FrameReleased(slot: 0xfffe_0001).write(to: view))
      #expect(FrameReleased(view) == FrameReleased(slot: 0xfffe_0001))
    }
  }

  @Test(arguments: [true, false]) func requestsForSoundSurvive(_ wantsBlock: Bool) {
    withMemory(PCMRequest.bytes) { view in
      let request = PCMRequest(sequence: .max, wantsBlock: wantsBlock)
      #expect(request.write(to: view))
      #expect(PCMRequest(view) == request)
    }
  }

  @Test func otherLengthsAreRefused() {
    for size in 0..<2_000 {
      withMemory(size) { view in
        if size != FrameReady.bytes { #expect(FrameReady(view) == nil) }
        if size != FrameReleased.bytes { #expect(FrameReleased(view) == nil) }
        if size != PCMRequest.bytes { #expect(PCMRequest(view) == nil) }
        if size != PCMHead.datagramBytes { #expect(PCMHead(view) == nil) }
      }
    }
    withMemory(FrameReady.bytes - 1) { view in
      let frame = FrameReady(
        slot: 0, format: .i420, width: 1, height: 1, length: 1, sequence: 1, captured: MonotonicTime(microseconds: 0))
      #expect(!frame.write(to: view))
    }
    withMemory(FrameReleased.bytes - 1) { view in #expect(!FrameReleased(slot: 0).write(to: view)) }
    withMemory(PCMHead.bytes - 1) { view in
      #expect(!PCMHead(sequence: 0, playbackDelayMicroseconds: 0, time: MonotonicTime(microseconds: 0)).write(to: view))
    }
  }

  @Test func unknownFormatsAreRefused() {
    for format: UInt32 in [0, 5, .max] {
      withMemory(FrameReady.bytes) { view in
        view.set(4, format)
        #expect(FrameReady(view) == nil)
      }
    }
  }
}
