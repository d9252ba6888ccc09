import Configuration
import Glibc
import Linux

/// `fieldbox clock save` and `fieldbox clock restore`: a board without a battery does not go back in time when it is switched off.
public enum ClockCommand {
  /// Remembers what time it is.
  public static func save(_ paths: Paths, now: WallTime = .now()) throws(SystemError) {
    try StateFile.makeDirectory(paths.state, mode: 0o750)
    try SavedClock.save(now, in: paths.state)
  }

  /// Sets the clock to the latest time that was seen, if it is behind that.
  /// - Parameter set: sets it; the kernel's by itself.
  /// - Returns: what it was set to; nil if it was left as it is.
  public static func restore(
    _ paths: Paths, now: WallTime = .now(), buildTime: WallTime? = nil,
    set: (WallTime) throws(SystemError) -> Void = Self.setClock
  ) throws(SystemError) -> WallTime? {
    let latest = SavedClock.latest(in: paths.state, now: now, buildTime: buildTime ?? SavedClock.buildTime())
    guard latest > now else { return nil }
    try set(latest)
    return latest
  }

  public static func setClock(_ time: WallTime) throws(SystemError) {
    var moment = timespec(
      tv_sec: time_t(time.milliseconds / 1_000), tv_nsec: Int(time.milliseconds % 1_000) * 1_000_000)
    guard clock_settime(CLOCK_REALTIME, &moment) == 0 else { throw SystemError("clock_settime", code: errno) }
  }
}
