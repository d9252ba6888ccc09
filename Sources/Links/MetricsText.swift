/// The status in Prometheus' text form (exposition format 0.0.4).
public enum MetricsText {
  public static let contentType = "text/plain; version=0.0.4; charset=utf-8"

  public static func render(_ status: BoxStatus) -> String {
    var text = Text()
    text.add("info", 1, ["version": status.version, "board": status.board])
    text.add("up_seconds", status.uptimeSeconds)
    text.add("ready_after_milliseconds", status.readyAfterMilliseconds)
    text.add("isolated", status.isolated ? 1 : 0)
    text.add("state", 1, ["state": status.state])
    text.head("memory_bytes", "gauge", "Resident memory of each process.")
    text.add("memory_bytes", status.memoryBytes, ["process": "supervisor"])
    let children = status.children.sorted { $0.key < $1.key }
    for (name, child) in children { text.add("memory_bytes", child.memoryBytes, ["process": name]) }
    text.head("running", "gauge", "Whether a process serves.")
    for (name, child) in children { text.add("running", child.state == "running" ? 1 : 0, ["process": name]) }
    text.head("restarts_total", "counter", "How often a process was started again.")
    for (name, child) in children { text.add("restarts_total", child.restarts, ["process": name]) }
    text.head("device_working", "gauge", "Whether a device is there.")
    for (name, device) in status.devices.sorted(by: { $0.key < $1.key }) {
      text.add("device_working", device.state == "gone" ? 0 : 1, ["device": name])
    }
    text.head("faults_total", "counter", "Faults since the start.")
    text.add("faults_total", status.faultsSoFar)
    text.head("fault", "gauge", "What is wrong now.")
    for fault in status.faults { text.add("fault", 1, ["what": fault.what]) }
    text.add("self_test_findings", status.selfTest?.findings.count)
    text.add("temperature_celsius", status.machine.temperatureCelsius)
    text.add("load", status.machine.load)
    text.add("machine_memory_bytes", status.machine.memoryBytes)
    text.add("machine_memory_available_bytes", status.machine.memoryAvailableBytes)
    text.add("storage_bytes", status.machine.storageBytes)
    text.add("storage_available_bytes", status.machine.storageAvailableBytes)
    text.add(counters: status.counters, of: "supervisor")
    for (name, child) in children { text.add(counters: child.counters, of: name) }
    return text.lines
  }

  private struct Text {
    var lines = ""

    mutating func head(_ name: String, _ type: String, _ help: String) {
      lines += "# HELP fieldbox_\(name) \(help)\n# TYPE fieldbox_\(name) \(type)\n"
    }

    /// Nothing where there is no value.
    mutating func add(_ name: String, _ value: (some CustomStringConvertible)?, _ labels: [String: String] = [:]) {
      guard let value else { return }
      let pairs = labels.sorted { $0.key < $1.key }.map { "\($0.key)=\"\(Self.escaped($0.value))\"" }
      lines += "fieldbox_\(name)\(pairs.isEmpty ? "" : "{\(pairs.joined(separator: ","))}") \(value)\n"
    }

    mutating func add(counters: [String: Int], of process: String) {
      for (name, value) in counters.sorted(by: { $0.key < $1.key }) { add("\(process)_\(Self.snake(name))", value) }
    }

    private static func escaped(_ text: String) -> String {
      text.reduce(into: "") { result, character in
        switch character {
        case "\\": result += "\\\\"
        case "\"": result += "\\\""
        case "\n": result += "\\n"
        default: result.append(character)
        }
      }
    }

    /// `video.ageMedian` becomes `video_age_median`; what no name may have becomes an underscore.
    private static func snake(_ name: String) -> String {
      name.unicodeScalars.reduce(into: "") { result, scalar in
        switch scalar {
        case "A"..."Z": result += "_" + String(scalar).lowercased()
        case "a"..."z", "0"..."9": result.unicodeScalars.append(scalar)
        default: result += "_"
        }
      }
    }
  }
}
