/// Which sound card a microphone or a speaker is.
public struct ALSAConfiguration: Sendable, Equatable {
  /// `auto`: the first card that can do it, those at USB first. Or a card's id, with or without `hw:CARD=` before and `,DEV=`
  /// behind it, which stays the same when the card comes back under another number. Or any PCM that ALSA knows.
  public var device: String

  public init(device: String = "auto") { self.device = device }
}
