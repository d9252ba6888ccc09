import Links
import Testing

@testable import Supervisor

@Suite struct FaultBookTests {
  @Test func faultsKeepTheTimeTheyBeganAndAreCounted() {
    var book = FaultBook()
    var news = book.update(["camera": "unplugged"], uptime: 10)
    #expect(news.begun.map(\.what) == ["camera"] && news.ended.isEmpty)
    news = book.update(["camera": "unplugged", "storage": "disk full"], uptime: 20)
    #expect(news.begun.map(\.what) == ["storage"] && news.ended.isEmpty)
    news = book.update(["camera": "does not answer", "storage": "disk full"], uptime: 30)
    #expect(news.begun.isEmpty && news.ended.isEmpty)
    #expect(
      book.present == [
        .init(what: "camera", detail: "does not answer", sinceUptimeSeconds: 10),
        .init(what: "storage", detail: "disk full", sinceUptimeSeconds: 20),
      ])
    news = book.update(["storage": "disk full"], uptime: 40)
    #expect(news.ended.map(\.what) == ["camera"])
    news = book.update(["storage": "disk full", "camera": "unplugged"], uptime: 50)
    #expect(book.present.map(\.sinceUptimeSeconds) == [20, 50])
    #expect(book.soFar == 3)
  }

  @Test func theMachineIsAFaultOnlyBeyondItsLimits() {
    var machine = BoxStatus.Machine()
    #expect(MachineLimits.faults(machine).isEmpty)
    machine.temperatureCelsius = 79.9
    machine.storageAvailableBytes = 64 << 20
    machine.memoryAvailableBytes = 64 << 20
    #expect(MachineLimits.faults(machine).isEmpty)
    machine.temperatureCelsius = 84
    machine.storageAvailableBytes = 1 << 20
    machine.memoryAvailableBytes = 1 << 20
    #expect(Set(MachineLimits.faults(machine).keys) == ["temperature", "storage", "memory"])
  }
}
