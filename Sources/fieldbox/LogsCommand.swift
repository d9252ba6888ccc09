import Configuration
import FoundationEssentials
import Glibc
import Links
import Linux
import Supervisor

/// `fieldbox logs` and `fieldbox logs export`.
enum LogsCommand {
  static func run(_ common: CommonOptions, _ arguments: [String]) throws -> Int32 {
    guard let word = arguments.first else {
      var redactor = Redactor()
      Terminal.write(LogText.render(try lines(of: try RunningBox.client(common)), &redactor))
      return 0
    }
    guard word == "export", arguments.count <= 2, arguments.dropFirst().first?.hasPrefix("-") != true else {
      throw OptionError("logs takes nothing, or export and the name of a file")
    }
    let file = arguments.count > 1 ? arguments[1] : "fieldbox-logs.tar.gz"
    do throws(SystemError) {
      try export(common, to: file)
    } catch {
      Terminal.writeError("fieldbox: \(error)")
      return 1
    }
    Terminal.write("\(file)\n")
    return 0
  }

  private static func lines(of client: LocalClient) throws(LocalClient.Failure) -> [LogLine] {
    var lines: [LogLine] = []
    while true {
      guard case .log(let page) = try client.request(.log(from: lines.last.map { $0.number &+ 1 } ?? 0)) else {
        throw .broken("no log")
      }
      guard !page.isEmpty else { return lines }
      lines += page
    }
  }

  /// Everything goes through one redactor, so that a name has the same stand-in in all of it.
  private static func export(_ common: CommonOptions, to file: String) throws(SystemError) {
    var redactor = Redactor()
    var parts: [(name: String, text: String)] = []
    do throws(LocalClient.Failure) {
      let client = try RunningBox.client(common)
      // First, since the lines say who is who.
      parts.append(("log.txt", LogText.render(try lines(of: client), &redactor)))
      if case .status(let status) = try client.request(.status) {
        parts.append(("status.txt", StatusText.render(status)))
        parts.append(("status.json", (try? StatusCommand.render(status, .json)) ?? ""))
        parts.append(("metrics.txt", MetricsText.render(status)))
      }
    } catch {
      parts.append(("status.txt", "\(error)\n"))
    }
    parts.append(("configuration.txt", configuration(common, &redactor)))
    parts.append(("machine.txt", machine(common)))
    if common.root == "/", let journal = journal(&redactor) { parts.append(("journal.txt", journal)) }
    parts = parts.map { part in
      ["log.txt", "journal.txt", "status.json", "metrics.txt"].contains(part.name)
        ? part
        : (
          part.name,
          part.text.split(separator: "\n", omittingEmptySubsequences: false).map { redactor.redact(String($0)) }.joined(
            separator: "\n")
        )
    }
    parts.append(("README.txt", readme))
    try archive(parts, as: file)
  }

  private static let readme = """
    What a field box knows of itself, for whoever looks for a fault.
    People, their addresses and their sessions are replaced by user-1, address-1, session-1 and so on, the same in all files.
    What may be a key or a token is removed.

    """

  /// Both files, with the people that they name replaced, and what they come to.
  private static func configuration(_ common: CommonOptions, _ redactor: inout Redactor) -> String {
    var text = ""
    do throws(ConfigurationError) {
      let box = try common.load().box
      for name in box.presets + box.autoAnswer where name != "everyone" {
        _ = redactor.standIn(for: name, kind: "user")
      }
    } catch {
      text += "\(error)\n"
    }
    for path in [common.paths.boxConfiguration, common.paths.boardConfiguration] {
      text += "== \(path)\n\(contents(path) ?? "(none)")\n"
    }
    if !common.settings.isEmpty { text += "== settings\n\(common.settings.joined(separator: "\n"))\n" }
    return text
  }

  private static func machine(_ common: CommonOptions) -> String {
    var text = "fieldbox \(Version.current)\n"
    for path in [
      "/proc/version", "/etc/os-release", "/proc/device-tree/model", "/proc/uptime", "/proc/loadavg", "/proc/meminfo",
    ] {
      if let contents = contents(path) { text += "== \(path)\n\(contents)\n" }
    }
    for path in [common.paths.state, common.paths.runtime] {
      if let storage = MachineHealth.storage(of: path) {
        text += "== \(path)\n\(storage.available) of \(storage.total) bytes are free\n"
      }
    }
    if let celsius = MachineHealth.temperatureCelsius { text += "== temperature\n\(celsius) °C\n" }
    return text
  }

  private static func contents(_ path: String) -> String? {
    guard let bytes = try? StateFile.read(path) else { return nil }
    return String(decoding: bytes, as: UTF8.self)
  }

  /// A field of an entry of the journal; nil for one that is no text.
  private struct JournalField: Decodable {
    var text: String?
    init(from decoder: any Decoder) throws { text = try? decoder.singleValueContainer().decode(String.self) }
  }

  /// systemd.journal-fields(7).
  private static func line(_ entry: [String: JournalField], _ number: Int) -> LogLine {
    var fields: [String: String] = [:]
    for name in Redactor.kinds.keys { fields[name] = entry["FIELDBOX_\(name)"]?.text }
    return LogLine(
      number: number, milliseconds: (entry["__REALTIME_TIMESTAMP"]?.text.flatMap { Int64($0) } ?? 0) / 1_000,
      priority: entry["PRIORITY"]?.text.flatMap { Int($0) } ?? 6, process: entry["SYSLOG_IDENTIFIER"]?.text ?? "",
      text: Log.oneLine(entry["MESSAGE"]?.text ?? ""), fields: fields)
  }

  /// What systemd's journal has of the box, also from before this start; nil where there is none. With its fields, which say who is
  /// to be replaced.
  private static func journal(_ redactor: inout Redactor) -> String? {
    let path = "/usr/bin/journalctl"
    guard Files.exists("/run/systemd/journal"), Files.exists(path),
      let text = try? output(
        of: path, ["journalctl", "--unit=fieldbox", "--output=json", "--lines=20000", "--no-pager", "--quiet"])
    else { return nil }
    let lines = text.utf8.split(separator: UInt8(ascii: "\n")).enumerated().compactMap { number, line -> LogLine? in
      guard JSONStrings.areSound(in: line) else { return nil }
      let entry = try? JSONDecoder().decode([String: JournalField].self, from: Data(line))
      return entry.map { Self.line($0, number) }
    }
    return LogText.render(lines, &redactor)
  }

  /// What a program prints, by way of a file without a name so that it never waits for us.
  private static func output(of path: String, _ arguments: [String]) throws(SystemError) -> String {
    var name = Array("/tmp/fieldbox-output.XXXXXX".utf8CString)
    let number = mkstemp(&name)
    guard number >= 0 else { throw SystemError("mkstemp", code: errno, about: "/tmp") }
    let file = Descriptor(adopting: number)
    unlink(&name)
    var spawn = Spawn(path: path, arguments: arguments)
    spawn.output = file.number
    try wait(for: spawn)
    let bytes = try StateFile.read("/proc/self/fd/\(file.number)", atMost: 64 << 20) ?? []
    return String(decoding: bytes, as: UTF8.self)
  }

  private static func wait(for spawn: Spawn) throws(SystemError) {
    let pid = try spawn.start()
    var status: Int32 = 0
    while waitpid(pid, &status, 0) < 0, errno == EINTR {}
    guard status == 0 else { throw SystemError(spawn.path, code: EIO, about: "it ended with status \(status)") }
  }

  /// One compressed archive, which only its owner may read.
  private static func archive(_ parts: [(name: String, text: String)], as file: String) throws(SystemError) {
    var template = Array("/tmp/fieldbox-logs.XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else { throw SystemError("mkdtemp", code: errno, about: "/tmp") }
    let folder = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    defer {
      for part in parts { unlink("\(folder)/fieldbox-logs/\(part.name)") }
      rmdir("\(folder)/fieldbox-logs")
      rmdir(folder)
    }
    try Files.makeDirectory("\(folder)/fieldbox-logs", mode: 0o700)
    for part in parts {
      try StateFile.replace("\(folder)/fieldbox-logs/\(part.name)", with: Array(part.text.utf8), mode: 0o600)
    }
    let before = umask(0o077)
    defer { umask(before) }
    try wait(
      for: Spawn(
        path: "/bin/tar",
        arguments: ["tar", "--create", "--gzip", "--file", file, "--directory", folder, "fieldbox-logs"]))
  }
}
