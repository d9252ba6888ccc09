import Glibc
import Links
import Linux
import Testing

/// Calls that are set up and ended leave nothing behind. FIELDBOX_CALLS is how many; 10,000 take a quarter of an hour.
@Suite(.enabled(if: Phone.isPossible, "curl is not installed"))
struct CallMemoryTests {
  /// What each process has allocated, in bytes. What is mapped of files is no leak: it grows with each line of code that runs for
  /// the first time.
  private static func memory(_ stage: Stage) throws -> [String: Int] {
    let pids = try stage.box.status().children.mapValues(\.pid).merging(["supervisor": Int(stage.box.pid)]) { $1 }
    return try pids.mapValues { pid in
      let line = try #require(SmallFile.line("/proc/\(pid)/status", starting: "RssAnon:"))
      return try #require(line.split { $0 == " " || $0 == "\t" }.dropFirst().first.flatMap { Int($0) }) << 10
    }
  }

  private static func resident(_ stage: Stage) throws -> [String: Int] {
    let status = try stage.box.status()
    return status.children.mapValues(\.memoryBytes).merging(["supervisor": status.memoryBytes]) { $1 }
  }

  @Test func manyCallsLeaveNothing() throws {
    let count = getenv("FIELDBOX_CALLS").flatMap { Int(String(cString: $0)) } ?? 30
    // What is made at the first calls and kept for the next ones is no leak.
    let warm = max(10, count / 20)
    // By turns, since one alone may not call that often.
    let names = ["ann", "bea", "cem", "dan", "eva", "fay", "gil", "hal", "ida", "jan"]
    let stage = try Stage(settings: ["calls.auto-answer=\(names.joined(separator: ","))"])
    let phones = try names.map { try stage.phone($0) }
    try stage.untilState("ready")
    var before: [String: Int] = [:]
    var whole: [String: Int] = [:]
    for number in 0..<count {
      if number == warm { (before, whole) = (try Self.memory(stage), try Self.resident(stage)) }
      let ann = phones[number % phones.count]
      try ann.callTheBox()
      try ann.untilCall(.connected)
      try ann.hangUp()
      try ann.untilCall(.ended, .hungUp)
      try stage.untilState("ready")
      ann.forget()
      if count >= 1_000, number % 500 == 499 {
        print("call \(number + 1): \(try Self.memory(stage).sorted { $0.key < $1.key })")
      }
    }
    let after = try Self.memory(stage)
    for (process, bytes) in before {
      let all = whole[process] ?? bytes
      let growth = Double((after[process] ?? .max) - bytes) / Double(all)
      print("\(process), call \(warm) to \(count): \(bytes) to \(after[process] ?? 0) of \(all), \(growth * 100) %")
      // So few calls show a leak of 100 kB in each; the figure for 10,000 is 1 %.
      #expect(growth < (count >= 1_000 ? 0.01 : 0.1), "\(process)")
    }
    try stage.until("the server to have let go of every call") {
      stage.status.children["server"]?.counters["calls"] == 0
    }
    try stage.until("media to have let go of every peer") { stage.status.children["media"]?.counters["peers"] == 0 }
  }
}
