import Glibc
import Links
import Linux
import TestSupport
import Testing

@testable import Hardware
@testable import Supervisor

/// What every sound card does that somebody pulls out and puts back.
enum SoundPlugContract {
  typealias Check = SoundContract.Check

  static let checks: [Check] = [
    Check("pulled again and again in mid-stream it is told each time, put back it works, and nothing is left behind") {
      device in
      try device.say(hertz: 440)
      let before = Files.names(in: "/proc/self/fd").count
      for _ in 0..<device.pulls {
        try openPatiently(device)
        _ = try SoundContract.listen(device, blocks: 1)
        var tone = Tone(hertz: 660)
        try SoundContract.play(&tone, device, blocks: 1)
        try device.unplug()
        // What was on its way may still come.
        #expect(failure { try SoundContract.listen(device, blocks: 50) } == .gone)
        #expect(failure { try SoundContract.play(&tone, device, blocks: 50) } == .gone)
        device.microphone.close()
        device.speaker.close()
        #expect(throws: DeviceError.gone) { try device.microphone.open() }
        #expect(throws: DeviceError.gone) { try device.speaker.open() }
        try device.plug()
      }
      #expect(Files.names(in: "/proc/self/fd").count - before < device.pulls / 2)
      try openPatiently(device)
      try device.say(hertz: 440)
      try SoundContract.expectTone(440, device)
      var tone = Tone(hertz: 660)
      try SoundContract.play(&tone, device, blocks: 60)
      let heard = try device.heard()
      #expect((650...670).contains(heard), "\(heard) Hz")
      device.microphone.close()
      device.speaker.close()
    },
    Check("pulled while somebody waits for sound, the wait ends") { device in
      try openPatiently(device)
      let unplugged = try Worker(name: "hand") {
        usleep(30_000)
        do { try device.unplug() } catch { Issue.record(error) }
      }
      #expect(failure { while true { _ = try SoundContract.listen(device, blocks: 1) } } == .gone)
      var tone = Tone(hertz: 440)
      #expect(failure { while true { _ = try SoundContract.play(&tone, device, blocks: 1) } } == .gone)
      unplugged.join()
      device.microphone.close()
      device.speaker.close()
      try device.plug()
    },
    Check("the box's own threads go on by themselves when it is back") { device in
      let loop = try EventLoop()
      let port = SoundPort()
      var (microphone, speaker): ([DeviceReport], [DeviceReport]) = ([], [])
      let reports = try Mailbox<DeviceReport>()
      try loop.attach(reports) { speaker.append($0) }
      let capture = try DeviceThread(
        .microphone, on: loop, interrupt: { device.microphone.close() },
        body: MicrophoneCapture.body(device.microphone, port), changed: { microphone.append($0) })
      let playback = try Playback(device.speaker, port, reports: reports)
      let worker = try Worker(name: "speaker") { playback.run() }
      capture.want(true)
      playback.setBackground(.ring)
      #expect(turn(loop) { microphone.last == .running(nil) && speaker.last == .running(nil) })
      for _ in 0..<2 {
        try device.unplug()
        #expect(turn(loop) { microphone.last == .gone("unplugged") && speaker.last == .gone("unplugged") })
        try device.plug()
        let blocks = (port.captured.load(ordering: .relaxed), port.played.load(ordering: .relaxed))
        #expect(
          turn(loop) {
            microphone.last == .running(nil) && speaker.last == .running(nil)
              && port.captured.load(ordering: .relaxed) > blocks.0 + 5
              && port.played.load(ordering: .relaxed) > blocks.1 + 5
          })
      }
      capture.finish()
      playback.finish()
      worker.join()
    },
  ]

  private static func turn(_ loop: EventLoop, until condition: () -> Bool) -> Bool {
    let deadline = MonotonicTime.now() + .seconds(20)
    while !condition() {
      guard MonotonicTime.now() < deadline else { return false }
      loop.turn(atMost: .milliseconds(50))
    }
    return true
  }

  private static func failure(_ body: () throws -> Void) -> DeviceError? {
    do {
      try body()
      return nil
    } catch {
      return error as? DeviceError
    }
  }

  /// The kernel's nodes may come one after the other.
  private static func openPatiently(_ device: any SoundUnderTest) throws {
    let deadline = MonotonicTime.now() + .seconds(10)
    while true {
      do throws(DeviceError) {
        try device.microphone.open()
        do throws(DeviceError) {
          return try device.speaker.open()
        } catch {
          device.microphone.close()
          throw error
        }
      } catch {
        guard MonotonicTime.now() < deadline else { throw error }
        usleep(20_000)
      }
    }
  }
}
