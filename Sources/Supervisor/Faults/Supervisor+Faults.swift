import Links
import Linux

extension Supervisor {
  /// Those that keep the box from serving; all others let it go on.
  static let childNames: Set = ["server", "media", "signing", "network"]

  var uptimeSeconds: Int { Int((MonotonicTime.now() - options.started).microseconds / 1_000_000) }

  /// Everything that is wrong, by its name and in words.
  private var faultsNow: [String: String] {
    var found: [String: String] = [:]
    found["network"] = listeners.fault
    if let signing, signing.isFault { found["signing"] = signing.lastEnd ?? "no certificate can be made" }
    for child in [server, media].compactMap({ $0 }) where child.lifecycle.isFault {
      found[child.name] = "ends again and again, last by \(child.lifecycle.lastEnd ?? "nothing known")"
    }
    for (name, condition) in devices { if case .gone(let why) = condition { found[name.rawValue] = why } }
    for (name, fault) in conditions { found[name.rawValue] = fault }
    for name in classifier.stuck {
      found["\(name.rawValue) button"] =
        "stuck: down for more than \(PressClassifier.stuckAfter.milliseconds / 1_000) s"
    }
    for (name, error) in buttonFaults { found["\(name.rawValue) button"] = "\(error)" }
    for (name, error) in lamps?.failing ?? [:] { found["\(name.rawValue) lamp"] = "\(error)" }
    for (name, fault) in MachineLimits.faults(machine) where found[name] == nil { found[name] = fault }
    return found
  }

  /// Notes what has begun and what is over, and says so in the log.
  func noteFaults() {
    let (begun, ended) = faults.update(faultsNow, uptime: uptimeSeconds)
    for fault in begun {
      Log.warning("fault: \(fault.what): \(fault.detail)", ["FAULT": fault.what, "FAULT_STATE": "begun"])
    }
    for fault in ended { Log.info("fault over: \(fault.what)", ["FAULT": fault.what, "FAULT_STATE": "over"]) }
  }
}
