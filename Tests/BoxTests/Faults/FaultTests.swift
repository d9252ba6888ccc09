import Glibc
import Links
import Linux
import TestSupport
import Testing

/// Every fault in every state of a call: what the lamps, the status and the phone show, and that the box is whole again.
@Suite(.serialized, .enabled(if: Phone.isPossible, "curl is not installed"))
struct FaultTests {
  /// A fault begins and ends while a call is in a state.
  static func run(_ fault: Fault, in state: Situation, _ stage: Stage, _ ann: Phone) throws {
    let before = stage.status
    let (offers, id) = (ann.offers, ann.call?.id)
    stage.forgetLights()
    try fault.inject(stage)
    try stage.until("\(fault.name) to be shown") { fault.isShown(stage, before) }
    if fault.isWarning {
      #expect(stage.status.state == state.stateOfBox)
      if state == .idle { try stage.until("the lamp to warn") { stage.statusLights.contains("red") } }
    }
    if let mend = fault.mend { try mend(stage) }
    if fault.endsStreams {
      try stage.until("the page to find out") { !ann.isStreamOpen }
      try ann.openStream(resuming: true)
      // Else the next fault may find it in the queue of the socket, where it would wait for the server after.
      try stage.until("the page to be back") { ann.isStreamLive }
    }
    try stage.until("everything to run and no fault to be left") {
      stage.status.faults.isEmpty && stage.status.children.values.allSatisfy { $0.state == "running" }
        && stage.status.devices.values.allSatisfy { $0.state != "gone" }
    }
    if fault.endsMedia, state == .inCall { try stage.until("another offer") { ann.offers > offers } }
    #expect(ann.call?.id == id)
    try stage.untilState(state.stateOfBox)
    #expect(stage.status.httpsPort == before.httpsPort)
    try stage.until("the lamp to be as before") { stage.status.lamps["status"] == "blue" }
  }

  @Test(arguments: Fault.all, Situation.allCases)
  func theBoxIsWholeAgain(fault: Fault, state: Situation) throws {
    let stage = try Stage(settings: SupervisionTests.quick)
    let ann = try stage.administrator()
    try state.begin(stage, ann)
    try Self.run(fault, in: state, stage, ann)
    try state.prove(stage, ann)
    #expect(stage.status.faultsSoFar == fault.count, "\(stage.status.faults)")
  }

  /// Faults at random, one after the other, on one box that is never started anew. FIELDBOX_FAULTS is how many, FIELDBOX_SEED which.
  @Test func aBoxOutlivesManyFaults() throws {
    let count = getenv("FIELDBOX_FAULTS").flatMap { Int(String(cString: $0)) } ?? 12
    let seed = getenv("FIELDBOX_SEED").flatMap { UInt64(String(cString: $0)) } ?? 1
    var random = SeededGenerator(seed: seed)
    let stage = try Stage(settings: [
      "supervision.heartbeat-milliseconds=100", "supervision.missed-heartbeats=5", "supervision.most-restarts=100",
      "calls.longest-minutes=1440", "calls.ring-seconds=600",
    ])
    let ann = try stage.administrator()
    var restarts = 0
    for number in 0..<count {
      let fault = try #require((Fault.quick + Fault.hangs).randomElement(using: &random))
      let state = try #require(Situation.allCases.randomElement(using: &random))
      if count > 100, number % 100 == 0 { print("fault \(number) of \(count)") }
      do {
        try state.begin(stage, ann)
        try Self.run(fault, in: state, stage, ann)
        try state.prove(stage, ann)
        try state.end(stage, ann)
      } catch {
        throw Failure("fault \(number) of seed \(seed), \(fault.name) when \(state): \(error)")
      }
      restarts += (fault.endsStreams ? 1 : 0) + (fault.endsMedia ? 1 : 0)
    }
    #expect(stage.status.children.values.reduce(0) { $0 + $1.restarts } == restarts)
  }
}
