import Linux

/// How loud somebody is, by the level that each packet of their sound states (RFC 6464), smoothed as people hear it.
struct Loudness {
  /// Quieter than that is no speech, in decibels below overload.
  static let speech = 50.0
  /// After so much quiet somebody has ceased to speak.
  static let pause = Interval.milliseconds(700)
  /// Of the difference that one packet of 20 ms makes, when it is louder and when it is quieter.
  private static let rise = 0.4, fall = 0.05

  /// Decibels below overload: 0 is the loudest, 127 silence.
  private(set) var level = 127.0
  private(set) var isSpeaking = false
  private var heard: MonotonicTime?

  /// Takes the level of a packet; one that states none counts as speech.
  /// - Returns: whether ``isSpeaking`` has changed.
  mutating func receive(_ stated: UInt8?, now: MonotonicTime) -> Bool {
    let now127 = stated.map(Double.init) ?? Self.speech - 20
    level += (now127 - level) * (now127 < level ? Self.rise : Self.fall)
    if level < Self.speech { heard = now }
    return update(now)
  }

  /// Time passes.
  mutating func update(_ now: MonotonicTime) -> Bool {
    let speaks = heard.map { now - $0 < Self.pause } ?? false
    guard speaks != isSpeaking else { return false }
    isSpeaking = speaks
    if !speaks { level = 127 }
    return true
  }

  /// When somebody who says nothing more has ceased to speak.
  var nextTimeout: MonotonicTime? { isSpeaking ? heard.map { $0 + Self.pause } : nil }
}
