import Configuration
import Glibc
import Links
import Linux
import Signaling
import Testing

/// One row of the table of faults: what goes wrong, what it shows, and what makes it whole again.
struct Fault: Sendable, CustomTestStringConvertible {
  var name: String
  /// Nil: it heals by itself.
  var inject: @Sendable (Stage) throws -> Void
  /// By the status, of which the one before the fault is given. (That it was `restarting` in between may be over too soon to be told.)
  var isShown: @Sendable (_ stage: Stage, _ before: BoxStatus) -> Bool
  var mend: (@Sendable (Stage) throws -> Void)?
  /// The server has gone away, so pages come back to another.
  var endsStreams = false
  /// Media has gone away, so pages build their connections anew.
  var endsMedia = false
  /// It lasts until it is mended: a warning on the STATUS lamp, which a call covers. (A restart alternates blue and red, blue first,
  /// and is over before that is seen.)
  var isWarning = false
  /// How many the status counts.
  var count = 0

  var testDescription: String { name }
}

extension Fault {
  private static func child(_ child: String, _ signal: Int32, _ end: String) -> Fault {
    Fault(
      name: "\(child): \(Signals.name(signal))",
      inject: { stage in kill(try stage.box.pid(of: child), signal) },
      isShown: { stage, before in
        hasRestarted(child, stage, before) && stage.status.children[child]?.lastEnd?.hasPrefix(end) == true
      }, endsStreams: child == "server", endsMedia: child == "media")
  }

  private static func hasRestarted(_ child: String, _ stage: Stage, _ before: BoxStatus) -> Bool {
    (stage.status.children[child]?.restarts ?? 0) > (before.children[child]?.restarts ?? 0)
  }

  private static func cable(_ device: DeviceName) -> Fault {
    Fault(
      name: "\(device.rawValue) pulled",
      inject: { stage in try stage.box.plug(device, in: false) },
      isShown: { stage, _ in
        stage.status.fault(device.rawValue) == "unplugged" && stage.status.devices[device.rawValue]?.state == "gone"
      }, mend: { stage in try stage.box.plug(device, in: true) }, isWarning: true, count: 1)
  }

  /// As many descriptors as it has, and no more.
  private static let descriptors = Fault(
    name: "server: out of descriptors",
    inject: { stage in
      let pid = try stage.box.pid(of: "server")
      try limit("nofile", pid, "\(Files.names(in: "/proc/\(pid)/fd").count):1024")
      // The next to come finds it out.
      _ = try? stage.stranger()
    },
    isShown: { stage, _ in stage.status.fault("connections") == "no descriptor is left for another connection" },
    mend: { stage in
      try limit("nofile", try stage.box.pid(of: "server"), "512:1024")
      _ = try stage.stranger()
    }, isWarning: true, count: 1)

  private static func limit(_ what: String, _ pid: pid_t, _ value: String) throws {
    let result = try CommandResult.run(program: "/usr/bin/prlimit", ["--pid", "\(pid)", "--\(what)=\(value)"])
    guard result.exit == .exited(code: 0) else { throw Failure("\(result.text)") }
  }

  /// No file of the server can grow, as on a full disk: nobody can register, and whoever is there goes on.
  private static let storage = Fault(
    name: "server: nothing can be stored",
    inject: { stage in
      try limit("fsize", try stage.box.pid(of: "server"), "8192:unlimited")
      let refusal = refusal { _ = try Phone("late", of: stage) }
      #expect(refusal.contains("\"storage\""), "\(refusal)")
    },
    isShown: { stage, _ in stage.status.fault("storage") != nil },
    mend: { stage in
      try limit("fsize", try stage.box.pid(of: "server"), "unlimited")
      _ = try Phone("late", of: stage)
    }, isWarning: true, count: 1)

  /// A password takes 19 MB: nobody can register, and whoever is there goes on.
  private static let memory = Fault(
    name: "server: memory is short",
    inject: { stage in
      let pid = try stage.box.pid(of: "server")
      try limit("data", pid, "\(try allocated(pid) + 8 << 20):")
      let refusal = refusal { _ = try Phone("late", of: stage) }
      #expect(refusal.contains("\"internal\""), "\(refusal)")
    },
    isShown: { stage, _ in stage.status.fault("memory") == "too little is left to check a password" },
    mend: { stage in
      try limit("data", try stage.box.pid(of: "server"), "\(256 << 20):")
      _ = try Phone("late", of: stage)
    }, isWarning: true, count: 1)

  /// Media gets no more memory than it has, as at the end of a leak, and the call of two others needs more.
  private static let leak = Fault(
    name: "media: out of memory",
    inject: { stage in
      let pid = try stage.box.pid(of: "media")
      try limit("data", pid, "\(try allocated(pid)):")
      let (bea, cem) = (try stage.phone("bea"), try stage.phone("cem"))
      try bea.call(UserID(cem.name))
    },
    isShown: { stage, before in
      // The limit was of that process alone: the next one has its own.
      hasRestarted("media", stage, before) && stage.status.children["media"]?.lastEnd?.hasPrefix("signal ") == true
    }, endsMedia: true)

  /// What the limit counts, in bytes.
  private static func allocated(_ pid: pid_t) throws -> Int {
    let line = try #require(SmallFile.line("/proc/\(pid)/status", starting: "VmData:"))
    return try #require(line.split { $0 == " " || $0 == "\t" }.dropFirst().first.flatMap { Int($0) }) << 10
  }

  /// A certificate that is gone is found by the next self-test, and made anew.
  private static let certificate = Fault(
    name: "certificate lost",
    inject: { stage in
      try #require(unlink(Paths(root: stage.box.root).leafCertificate) == 0)
      _ = try stage.box.client.request(.selfTest, seconds: Box.seconds)
    },
    isShown: { stage, before in hasRestarted("server", stage, before) && stage.status.faultsSoFar > before.faultsSoFar
    },
    endsStreams: true, count: 1)

  /// Both processes at once.
  private static let both = Fault(
    name: "server and media: SIGKILL",
    inject: { stage in for child in ["server", "media"] { kill(try stage.box.pid(of: child), SIGKILL) } },
    isShown: { stage, before in
      ["server", "media"].allSatisfy { hasRestarted($0, stage, before) }
        && stage.status.children.values.allSatisfy { $0.lastEnd == "signal SIGKILL" }
    }, endsStreams: true, endsMedia: true)

  /// What heals in a moment, and can be repeated without end.
  static let quick = [
    child("server", SIGKILL, "signal SIGKILL"), child("media", SIGKILL, "signal SIGKILL"), both, cable(.camera),
    cable(.microphone), cable(.speaker),
  ]
  static let hangs = [child("server", SIGSTOP, "hang: "), child("media", SIGSTOP, "hang: ")]
  static let all =
    quick + hangs + [descriptors, storage, certificate]
    // A sanitizer takes all there is for itself (Tests/Sanitizers/run says so).
    + (getenv("FIELDBOX_SANITIZED") == nil ? [memory, leak] : [])
}

extension Stage {
  /// Somebody who has no account asks what the box is called.
  func stranger() throws -> CommandResult {
    let result = try CommandResult.run(
      program: Phone.curl,
      ["--silent", "--show-error", "--insecure", "--max-time", "5", "https://127.0.0.1:\(status.httpsPort)/api/box"])
    guard result.exit == .exited(code: 0) else { throw Failure("\(result.text)") }
    return result
  }
}

/// What is going on when something goes wrong.
enum Situation: String, CaseIterable, Sendable {
  case idle, ringing, inCall

  var stateOfBox: String {
    switch self {
    case .idle: "ready"
    case .ringing: "incoming"
    case .inCall: "inCall"
    }
  }

  func begin(_ stage: Stage, _ ann: Phone) throws {
    guard self != .idle else { return }
    try ann.callTheBox()
    try stage.untilState("incoming")
    // Its answer is a request, which must not meet the fault by chance.
    try stage.until("the first offer") { ann.offers > 0 }
    guard self == .inCall else { return }
    try stage.box.press(.call)
    ann.talk()
    try ann.untilCall(.connected)
    try CallTests.proveMedia(ann, stage)
  }

  /// Nothing was lost, and nothing is left behind.
  func prove(_ stage: Stage, _ ann: Phone) throws {
    try stage.untilState(stateOfBox)
    switch self {
    case .idle: #expect(ann.call == nil)
    case .ringing:
      #expect(ann.call?.state == .ringing)
      try stage.box.press(.call)
      ann.talk()
      try ann.untilCall(.connected)
      try CallTests.proveMedia(ann, stage)
    case .inCall:
      try CallTests.proveMedia(ann, stage)
      #expect(ann.call?.state == .connected)
    }
  }

  func end(_ stage: Stage, _ ann: Phone) throws {
    if self != .idle {
      try stage.box.press(.hangUp)
      try ann.untilCall(.ended, .hungUp)
    }
    try stage.untilState("ready")
    ann.forget()
  }
}
