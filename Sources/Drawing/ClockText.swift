import Glibc

/// The time of day as people read it.
package enum ClockText {
  /// The letter at a place from 0 to 7 of `HH:MM:SS`.
  /// - Parameter clock: seconds since midnight.
  package static func letter(_ place: Int, of clock: Int) -> UInt8 {
    guard place % 3 != 2 else { return UInt8(ascii: ":") }
    let pair = place < 3 ? clock / 3_600 % 24 : place < 6 ? clock / 60 % 60 : clock % 60
    return UInt8(ascii: "0") &+ UInt8(truncatingIfNeeded: place % 3 == 0 ? pair / 10 : pair % 10)
  }

  /// Seconds since midnight of a moment on the wall clock, in the machine's time zone.
  package static func secondsSinceMidnight(_ wallSeconds: Int64) -> Int {
    var seconds = time_t(wallSeconds)
    var parts = tm()
    guard localtime_r(&seconds, &parts) != nil else { return 0 }
    return Int(parts.tm_hour) * 3_600 + Int(parts.tm_min) * 60 + Int(parts.tm_sec)
  }
}
