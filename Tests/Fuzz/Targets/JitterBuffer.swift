import Linux
import WebRTC

extension FuzzTarget {
  /// Any numbers, timestamps and lengths at any time: each pull answers with sound of some length, each packet is heard at most once.
  static let jitterBuffer = FuzzTarget(
    "jitterBuffer",
    seeds: {
      // Each packet: milliseconds since the last, step of the number, steps of the timestamp, samples, flags.
      [
        (0..<30).flatMap { _ in [20, 1, 1, 8, 0] as [UInt8] },
        (0..<30).flatMap { [UInt8($0 * 3), 1, 1, 8, UInt8($0 & 3)] },
        (0..<20).flatMap { [40, $0 == 10 ? 100 : 2, 2, 8, 3] as [UInt8] },
      ]
    },
    run: { view in
      let buffer = AudioJitterBuffer()
      var reader = ByteReader(view)
      var (sequence, timestamp, now): (UInt16, UInt32, MonotonicTime) = (65_500, 0, MonotonicTime(microseconds: 0))
      while let wait = reader.u8(), let step = reader.u8(), let ticks = reader.u8(), let length = reader.u8(),
        let flags = reader.u8(), let payload = view.slice(reader.position - 5, 5)
      {
        now = now + .milliseconds(Int64(wait))
        // Large steps are wild ones.
        sequence &+= step < 200 ? UInt16(bitPattern: Int16(Int8(bitPattern: step))) : UInt16(step) << 8
        timestamp &+= ticks < 250 ? UInt32(bitPattern: Int32(Int8(bitPattern: ticks)) * 960) : UInt32(ticks) << 24
        buffer.insert(
          sequence: sequence, timestamp: timestamp, payload: payload, samples: Int(length) * 120,
          isQuiet: flags & 1 != 0,
          hasForwardErrorCorrection: flags & 2 != 0, now: now)
        for _ in 0..<Int(flags >> 4) where buffer.pull(now: now).samples <= 0 { return "a pull without sound" }
        if buffer.pull(now: now).samples <= 0 { return "a pull without sound" }
      }
      let statistics = buffer.statistics
      return statistics.played <= statistics.received ? nil : "more played than received"
    })
}
