import Linux

/// Decides whether viewers see the camera or a picture that names what is wrong with it.
///
/// The supervisor tells what it knows of the camera; that frames do not come or cannot be decoded is seen here. Good pictures
/// are believed before words: they come by a shorter way.
struct CameraHealth {
  /// Without a good picture for so long there is a fault, whether anybody has told of it or not.
  static let patience = Interval.seconds(2)

  private var told: (text: String, at: MonotonicTime)?
  private var watchedSince: MonotonicTime?
  private var lastFrame = MonotonicTime(microseconds: .min / 2)
  /// When the sensor had the last picture that could be decoded.
  private var lastGood = MonotonicTime(microseconds: .min / 2)

  /// The supervisor says what is wrong; nil for nothing.
  mutating func tell(_ fault: String?, now: MonotonicTime) {
    guard fault != told?.text else { return }
    told = fault.map { ($0, now) }
  }

  /// Somebody begins to watch, or nobody does any more.
  mutating func watch(_ isWatched: Bool, now: MonotonicTime) { watchedSince = isWatched ? watchedSince ?? now : nil }

  mutating func frameCame(now: MonotonicTime) { lastFrame = now }
  mutating func wasGood(captured: MonotonicTime) { lastGood = max(lastGood, captured) }

  /// What the viewers are to be told; nil while there is a picture.
  func fault(now: MonotonicTime) -> String? {
    if let told, lastGood < told.at { return told.text }
    guard let watchedSince else { return nil }
    let since = max(watchedSince, lastGood)
    guard now - since >= Self.patience else { return nil }
    return lastFrame > since && now - lastFrame < Self.patience
      ? "camera pictures damaged" : "no pictures from the camera"
  }
}
