import Glibc
import Linux

/// What the service manager has passed on by name (sd_listen_fds(3)): sockets of its units, and what an earlier supervisor has left
/// with it.
struct InheritedDescriptors {
  /// Without names they count in this order.
  private static let order = ["https", "http", "media"]
  private static let most: Int32 = 64
  private var numbers: [String: Int32] = [:]

  init(_ variable: (String) -> String? = { getenv($0).map { String(cString: $0) } }) {
    guard let process = variable("LISTEN_PID").flatMap({ pid_t($0) }), process == getpid(),
      let count = variable("LISTEN_FDS").flatMap({ Int32($0) }), (1...Self.most).contains(count)
    else { return }
    let names =
      variable("LISTEN_FDNAMES")?.split(separator: ":", omittingEmptySubsequences: false).map(String.init) ?? []
    for index in 0..<Int(count) {
      let name = names.count == Int(count) ? names[index] : index < Self.order.count ? Self.order[index] : ""
      let number = 3 + Int32(index)
      // Of two with one name the first counts; what nobody will ask for would stay open for ever.
      if numbers[name] == nil { numbers[name] = number } else { close(number) }
    }
  }

  /// Nil if there is none of that name; it is the caller's then.
  mutating func take(_ name: String) -> Descriptor? {
    guard let number = numbers.removeValue(forKey: name) else { return nil }
    _ = fcntl(number, F_SETFD, FD_CLOEXEC)
    return Descriptor(adopting: number)
  }

  /// Closes what nobody has asked for.
  mutating func closeRest() {
    for number in numbers.values { close(number) }
    numbers = [:]
  }
}
