import Links

/// The screen of `fieldbox supervise` on a terminal, as text. A pure function of the status and the latest log lines.
public struct ConsoleView: Sendable {
  public var columns: Int
  public var rows: Int

  public init(columns: Int, rows: Int) {
    self.columns = max(20, columns)
    self.rows = max(10, rows)
  }

  private struct Line {
    /// What is seen, for cutting to the width.
    var text: String
    /// SGR parameters for parts of it, by their start.
    var styles: [(from: Int, to: Int, sgr: String)] = []

    mutating func add(_ part: String, _ sgr: String? = nil) {
      let start = text.count
      text += part
      if let sgr { styles.append((start, text.count, sgr)) }
    }
  }

  /// The whole screen: one line each, colours included, never wider than the terminal.
  public func render(_ status: BoxStatus, log: [String]) -> String {
    var lines = [title(status), Line(text: "")]
    for (index, url) in status.urls.enumerated() {
      var line = Line(text: index == 0 ? "  open     " : "           ")
      line.add(url, "1")
      lines.append(line)
    }
    lines += [Line(text: ""), lamps(status), Line(text: "")]
    var state = Line(text: "  state    ")
    state.add(Self.words(status.state), "1")
    lines.append(state)
    for name in ["server", "media"] { if let child = status.children[name] { lines.append(self.child(name, child)) } }
    for name in ["camera", "microphone", "speaker"] {
      if let device = status.devices[name] { lines.append(self.device(name, device)) }
    }
    for fault in status.faults where status.devices[fault.what] == nil {
      var line = Line(text: "  ")
      line.add("\(fault.what): \(fault.detail)", "1;31")
      lines.append(line)
    }
    lines += [Line(text: ""), keys(), Line(text: "")]
    let room = max(0, rows - lines.count - 1)
    lines += log.suffix(room).map { Line(text: " \($0)", styles: [(0, $0.count + 1, "2")]) }
    return lines.prefix(rows - 1).map(cut).joined(separator: "\r\n")
  }

  private func title(_ status: BoxStatus) -> Line {
    var line = Line(text: " ")
    line.add(status.name, "1")
    line.add("  \(status.board), version \(status.version)")
    if let ready = status.readyAfterMilliseconds { line.add("  ready after \(ready) ms") }
    if !status.isolated { line.add("  not isolated") }
    return line
  }

  private func lamps(_ status: BoxStatus) -> Line {
    var line = Line(text: "  lamps    ")
    for name in ["status", "call", "talk"] {
      let light = status.lamps[name] ?? "off"
      let sgr = Self.colors[light]
      line.add(sgr == nil ? "○" : "●", sgr ?? "2")
      line.add(" \(name.uppercased()) ")
      line.add(light + String(repeating: " ", count: max(0, 9 - light.count)), sgr ?? "2")
    }
    return line
  }

  private func child(_ name: String, _ child: BoxStatus.Child) -> Line {
    var line = Line(text: "  \(name)" + String(repeating: " ", count: max(1, 9 - name.count)))
    line.add(child.state, child.state == "running" ? nil : "1;31")
    if child.pid > 0 { line.add(", process \(child.pid)") }
    if child.restarts > 0 { line.add(", restarts \(child.restarts)") }
    if let end = child.lastEnd { line.add(", last ended by \(end)") }
    return line
  }

  private func device(_ name: String, _ device: BoxStatus.Device) -> Line {
    var line = Line(text: "  \(name)" + String(repeating: " ", count: max(1, 11 - name.count)))
    line.text = String(line.text.prefix(13))
    line.add(device.state, device.state == "gone" ? "1;31" : nil)
    if !device.detail.isEmpty { line.add(", \(device.detail)") }
    return line
  }

  private func keys() -> Line {
    var line = Line(text: "  ")
    for (key, meaning) in [("c", "CALL"), ("h", "HANGUP"), ("C H", "hold 3 s"), ("q", "quit")] {
      line.add(key, "1;7")
      line.add(" \(meaning)   ")
    }
    return line
  }

  private func cut(_ line: Line) -> String {
    var result = ""
    var index = 0
    for character in line.text {
      guard index < columns else { break }
      for style in line.styles where style.from == index && style.to > style.from { result += "\u{1b}[\(style.sgr)m" }
      result.append(character)
      index += 1
      if line.styles.contains(where: { $0.to == index }) { result += "\u{1b}[0m" }
    }
    return result + "\u{1b}[0m\u{1b}[K"
  }

  /// The colour of a light; nil for off.
  static let colors = ["blue": "1;94", "red": "1;91", "amber": "1;93", "green": "1;92"]

  /// What a state means to the person in front of the box.
  public static func words(_ state: String) -> String {
    switch state {
    case "starting": "starting"
    case "ready": "ready: CALL rings whoever is set"
    case "nobodyReachable": "ready, but nobody who could be called is signed in"
    case "calling": "calling: HANGUP cancels"
    case "incoming": "somebody calls: CALL answers, HANGUP refuses"
    case "inCall": "in a call: HANGUP ends it"
    case "restarting": "a component is being restarted"
    case "fault": "fault: a component cannot be kept running"
    case "stopping": "stopping"
    default: state
    }
  }
}
