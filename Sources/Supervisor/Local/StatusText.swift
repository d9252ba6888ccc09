import Links

/// `fieldbox status` for people.
public enum StatusText {
  public static func render(_ status: BoxStatus) -> String {
    var lines: [String] = []
    func row(_ name: String, _ text: String) {
      lines.append(name + String(repeating: " ", count: max(1, 12 - name.count)) + text)
    }
    row("box", "\(status.name), \(status.board), version \(status.version)")
    row("state", ConsoleView.words(status.state))
    for (index, url) in status.urls.enumerated() { row(index == 0 ? "open" : "", url) }
    row("ports", "HTTPS \(status.httpsPort), HTTP \(status.httpPort), media \(status.mediaPort)")
    let lamps = ["status", "call", "talk"].map { "\($0.uppercased()) \(status.lamps[$0] ?? "off")" }
    row("lamps", lamps.joined(separator: ", "))
    for name in status.children.keys.sorted(by: >) { if let child = status.children[name] { row(name, words(child)) } }
    let always = ["camera", "microphone", "speaker"]
    for name in always {
      guard let device = status.devices[name] else { continue }
      row(name, device.detail.isEmpty ? device.state : "\(device.state), \(device.detail)")
    }
    for (index, fault) in status.faults.enumerated() {
      let since = duration(status.uptimeSeconds - fault.sinceUptimeSeconds)
      row(index == 0 ? "faults" : "", "\(fault.what): \(fault.detail), for \(since)")
    }
    if let test = status.selfTest {
      let findings = test.findings.isEmpty ? "all is well" : "\(test.findings.count) found wrong"
      row("self-test", "\(findings), \(duration(status.uptimeSeconds - test.atUptimeSeconds)) ago")
    }
    row("machine", words(status.machine, status.memoryBytes))
    row("up", duration(status.uptimeSeconds) + (status.readyAfterMilliseconds.map { ", ready after \($0) ms" } ?? ""))
    row("isolation", status.isolated ? "server and media run as users of their own" : "not isolated")
    var counters = status.counters
    for (name, child) in status.children {
      for (counter, value) in child.counters { counters["\(name) \(counter)"] = value }
    }
    for name in counters.keys.sorted() {
      if let value = counters[name], value != 0 { row("", "\(name) \(value)") }
    }
    return lines.joined(separator: "\n") + "\n"
  }

  private static func words(_ child: BoxStatus.Child) -> String {
    var text = child.state
    if child.pid > 0 { text += ", process \(child.pid)" }
    if child.restarts > 0 { text += ", restarts \(child.restarts)" }
    if let end = child.lastEnd { text += ", last ended by \(end)" }
    if child.memoryBytes > 0 { text += ", \(megabytes(child.memoryBytes))" }
    return text
  }

  private static func words(_ machine: BoxStatus.Machine, _ own: Int) -> String {
    var parts = ["supervisor \(megabytes(own))"]
    if let free = machine.memoryAvailableBytes { parts.append("memory free \(megabytes(free))") }
    if let free = machine.storageAvailableBytes { parts.append("storage free \(megabytes(free))") }
    if let celsius = machine.temperatureCelsius { parts.append("\(Int(celsius)) °C") }
    if let load = machine.load { parts.append("load \(load)") }
    return parts.joined(separator: ", ")
  }

  private static func megabytes(_ bytes: Int) -> String { "\(bytes >> 20) MB" }

  private static func duration(_ seconds: Int) -> String {
    seconds < 60
      ? "\(seconds) s" : seconds < 3_600 ? "\(seconds / 60) min" : "\(seconds / 3_600) h \(seconds / 60 % 60) min"
  }
}
