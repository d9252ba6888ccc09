import Glibc
import Linux

/// A board without a battery clock may wake up in 1970. This remembers the latest time that was seen, so that time never
/// runs backwards for what must not be signed too early.
enum SavedClock {
  static func path(in state: String) -> String { "\(state)/clock" }

  /// The latest of the wall clock, the saved time and the time the program was built.
  static func latest(in state: String, now: WallTime, buildTime: WallTime) -> WallTime {
    let saved = (try? StateFile.read(path(in: state), atMost: 64)).flatMap { bytes in
      Int64(String(decoding: bytes.prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self))
    }
    // A damaged file must not put the certificate far into the future.
    let plausible = saved.map(WallTime.init(milliseconds:)).flatMap { $0 < tooFar(buildTime) ? $0 : nil }
    let clock = now < tooFar(buildTime) ? now : buildTime
    return max(clock, max(buildTime, plausible ?? buildTime))
  }

  static func save(_ time: WallTime, in state: String) throws(SystemError) {
    try StateFile.replace(path(in: state), with: Array("\(time.milliseconds)\n".utf8), mode: 0o644)
  }

  /// When the running program was built: its file is as old as that on an image.
  static func buildTime() -> WallTime {
    var status = stat()
    guard stat("/proc/self/exe", &status) == 0 else { return WallTime(milliseconds: 0) }
    return WallTime(milliseconds: Int64(status.st_mtim.tv_sec) * 1000)
  }

  /// No box runs a program that is thirty years old.
  private static func tooFar(_ buildTime: WallTime) -> WallTime {
    WallTime(milliseconds: buildTime.milliseconds + 30 * 365 * 86_400_000)
  }
}
