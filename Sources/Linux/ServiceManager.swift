import Glibc

/// The service manager that started this process, as systemd is one: it is told how things go (sd_notify(3)). The whole protocol is a
/// datagram, so no library is needed for it. Where there is no manager, telling does nothing.
public final class ServiceManager: Sendable {
  private let socket: MessageSocket?
  /// A sign of life is due within each such time; nil if none is wanted.
  public let watchdog: Interval?

  /// Takes what the environment says, or what `variable` says in its place.
  public init(_ variable: (String) -> String? = { getenv($0).map { String(cString: $0) } }) {
    socket = variable("NOTIFY_SOCKET").flatMap { path in
      do throws(SystemError) {
        return try LocalSocket.connect(toDatagrams: path)
      } catch {
        Log.warning("the service manager cannot be told: \(error)")
        return nil
      }
    }
    let isOurs = variable("WATCHDOG_PID").map { $0 == "\(getpid())" } ?? true
    let microseconds = variable("WATCHDOG_USEC").flatMap { Int64($0) }.flatMap { $0 > 0 ? $0 : nil }
    watchdog = isOurs ? microseconds.map { .microseconds($0) } : nil
  }

  /// There is one.
  public var isHere: Bool { socket != nil }

  /// Tells assignments, as `READY=1`.
  public func tell(_ assignments: String...) { send(assignments) }

  /// Leaves a descriptor with the manager: a later process of this service gets it under the same name (sd_listen_fds(3)).
  public func store(_ descriptor: Int32, as name: String) { send(["FDSTORE=1", "FDNAME=\(name)"], descriptor) }

  private func send(_ assignments: [String], _ descriptor: Int32? = nil) {
    // A manager that does not read misses a word; it must not hold us up.
    socket?.send(Array(assignments.map(Log.oneLine).joined(separator: "\n").utf8), descriptor: descriptor)
  }
}
