import Linux

/// Whom a member hears: of all that it may, as many as it has sections of sound for, the loudest.
final class Listener {
  /// So much louder somebody must be to take another's place, in decibels.
  private static let margin = 6.0
  /// Who has sent nothing for so long holds no place.
  private static let patience = Interval.milliseconds(400)

  /// One for each section of sound.
  private(set) var slots: [Subscription] = []
  private(set) var tracks: [Track] = []

  func add(_ slot: Subscription) {
    slots.append(slot)
    assign()
  }

  /// Changes whom it may hear.
  func follow(_ wanted: [Track]) {
    for track in tracks where !wanted.contains(where: { $0 === track }) {
      track.listeners.removeAll { $0 === self }
      for slot in slots where slot.track === track { slot.follow(nil) }
    }
    for track in wanted where !tracks.contains(where: { $0 === track }) { track.listeners.append(self) }
    tracks = wanted
    assign()
  }

  /// As many as there are places for need no choice.
  private func assign() {
    guard tracks.count <= slots.count else { return }
    for track in tracks where !slots.contains(where: { $0.track === track }) {
      slots.first { $0.track == nil }?.follow(track)
    }
  }

  /// A packet of one of the tracks is to be passed on: gives it a place if it deserves one.
  func prepare(_ track: Track, now: MonotonicTime) {
    guard tracks.count > slots.count, track.loudness.level < Loudness.speech,
      !slots.contains(where: { $0.track === track })
    else { return }
    var quietest: Subscription?
    var level = track.loudness.level + Self.margin
    for slot in slots {
      guard let held = slot.track, held.layers[0].isAlive(now, within: Self.patience) else {
        return slot.follow(track)
      }
      if held.loudness.level > level { (quietest, level) = (slot, held.loudness.level) }
    }
    quietest?.follow(track)
  }
}
