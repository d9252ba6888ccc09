import Linux
import Testing

@testable import Signaling

/// What is kept for a stream that resumes.
@Suite struct EventLogTests {
  private static let start = MonotonicTime(microseconds: 0)

  private func log(_ count: Int, every interval: Interval = .zero) -> EventLog {
    var log = EventLog()
    for n in 0..<count { _ = log.append(.sessionEnded, now: Self.start + interval * Int64(n)) }
    return log
  }

  @Test func numbersCountFromOne() {
    var log = EventLog()
    #expect((1...3).map { _ in log.append(.sessionEnded, now: Self.start) } == [1, 2, 3])
    #expect(log.after(1, now: Self.start)?.map(\.number) == [2, 3])
    #expect(log.after(3, now: Self.start)?.isEmpty == true)
    #expect(log.after(4, now: Self.start) == nil)
    #expect(log.after(0, now: Self.start) == nil)
  }

  @Test func soManyAreKept() {
    let log = log(EventLog.capacity + 10)
    #expect(log.after(9, now: Self.start) == nil)
    #expect(log.after(10, now: Self.start)?.count == EventLog.capacity)
  }

  @Test func soLongTheyAreKept() {
    let log = log(3, every: .seconds(30))
    #expect(log.after(1, now: Self.start + .seconds(90))?.count == 2)
    #expect(log.after(1, now: Self.start + .seconds(91)) == nil)
    #expect(log.after(2, now: Self.start + .seconds(91))?.count == 1)
    #expect(log.after(3, now: Self.start + .seconds(900))?.isEmpty == true, "nothing was missed")
  }

  @Test func whatIsForgottenIsNotResumed() {
    var log = log(3)
    log.forget()
    #expect(log.after(2, now: Self.start) == nil)
    #expect(log.append(.sessionEnded, now: Self.start) == 4)
    #expect(log.after(3, now: Self.start)?.count == 1)
  }
}
