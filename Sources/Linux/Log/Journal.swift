import Glibc

/// systemd's journal, which takes entries with fields as datagrams (its native protocol). Values are one line here, so the simple form is
/// enough and no library is needed.
struct Journal: Sendable {
  static let path = "/run/systemd/journal/socket"
  /// In front of our fields' names, so that they meet nobody else's.
  static let prefix = "FIELDBOX_"

  private let socket: MessageSocket

  /// The journal, where standard error leads there and nowhere else (systemd.exec(5), JOURNAL_STREAM).
  static func ofStandardError() -> Journal? {
    guard let stream = getenv("JOURNAL_STREAM").map({ String(cString: $0) }), leads(2, to: stream) else { return nil }
    return Journal(at: path)
  }

  /// Whether a descriptor is the stream that `DEVICE:INODE` names.
  static func leads(_ number: Int32, to stream: String) -> Bool {
    var status = stat()
    guard fstat(number, &status) == 0 else { return false }
    return stream == "\(status.st_dev):\(status.st_ino)"
  }

  /// Nil if nobody is there.
  init?(at path: String) {
    guard let socket = try? LocalSocket.connect(toDatagrams: path) else { return nil }
    self.socket = socket
  }

  /// False if it was not taken: it is to be written elsewhere then.
  func send(_ entry: LogEntry) -> Bool { socket.send(Self.datagram(entry)) == .sent }

  static func datagram(_ entry: LogEntry) -> [UInt8] {
    var lines = [
      "PRIORITY=\(entry.priority.rawValue)", "SYSLOG_IDENTIFIER=\(entry.process)", "MESSAGE=\(entry.text)",
    ]
    for (name, value) in entry.fields.sorted(by: { $0.key < $1.key }) where isFieldName(name) {
      lines.append("\(prefix)\(name)=\(value)")
    }
    return Array((lines.joined(separator: "\n") + "\n").utf8)
  }

  /// Capital letters, digits and underscores, of a sensible length.
  static func isFieldName(_ name: some StringProtocol) -> Bool {
    (1...40).contains(name.utf8.count)
      && name.utf8.allSatisfy { byte in
        (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) || byte == UInt8(ascii: "_")
          || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
      }
  }
}
