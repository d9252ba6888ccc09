import CLinux
import Glibc

/// How the machine is, as the kernel tells it. Each is nil where this machine cannot tell.
public enum MachineHealth {
  /// The hottest of the processor's zones, in °C.
  public static var temperatureCelsius: Double? {
    let folder = "/sys/class/thermal"
    let zones = Files.names(in: folder).filter { $0.hasPrefix("thermal_zone") }
    return zones.compactMap { SmallFile.line("\(folder)/\($0)/temp").flatMap { Int($0) } }
      .map { Double($0) / 1_000 }.filter { (-60...200).contains($0) }.max()
  }

  /// Bytes in all, and bytes that could still be had.
  public static var memory: (total: Int, available: Int)? {
    guard let total = kibibytes("MemTotal:"), let available = kibibytes("MemAvailable:") else { return nil }
    return (total * 1_024, available * 1_024)
  }

  private static func kibibytes(_ name: String) -> Int? {
    guard let words = SmallFile.line("/proc/meminfo", starting: name)?.split(separator: " "), words.count > 1 else {
      return nil
    }
    return Int(words[1]).map { min(max(0, $0), 1 << 50) }
  }

  /// Bytes in all and those that may still be written, of the file system of a path.
  public static func storage(of path: String) -> (total: Int, available: Int)? {
    var found = statvfs()
    guard statvfs(path, &found) == 0 else { return nil }
    func bytes(_ blocks: fsblkcnt_t) -> Int {
      let (product, overflows) = UInt64(blocks).multipliedReportingOverflow(by: UInt64(found.f_frsize))
      return overflows ? .max : Int(clamping: product)
    }
    return (bytes(found.f_blocks), bytes(found.f_bavail))
  }

  /// Processes that ran or wanted to, over the last minute.
  public static var load: Double? {
    SmallFile.line("/proc/loadavg")?.split(separator: " ").first.flatMap { Double($0) }
  }

  /// Resident memory of a process; 0 if it is none or may not be looked at.
  public static func residentBytes(of pid: pid_t) -> Int {
    guard pid > 0, let words = SmallFile.line("/proc/\(pid)/statm")?.split(separator: " "), words.count > 1,
      let pages = Int(words[1])
    else { return 0 }
    return pages.multipliedReportingOverflow(by: Int(sysconf(Int32(_SC_PAGESIZE)))).partialValue
  }

  /// Time since the machine was switched on, sleep included.
  public static var sinceBoot: Interval {
    var time = timespec()
    clock_gettime(CLOCK_BOOTTIME, &time)
    return Interval(microseconds: Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1_000)
  }
}
