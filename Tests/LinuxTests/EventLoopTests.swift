import TestSupport
import Testing

@testable import Linux

@Suite struct EventLoopTests {
  @Test func timersFireInOrderOfTimeAndThenOfSetting() throws {
    let loop = try EventLoop()
    var fired: [Int] = []
    let now = MonotonicTime.now()
    loop.at(now + .milliseconds(3)) {
      fired.append(3)
      loop.stop()
    }
    loop.at(now + .milliseconds(2)) { fired.append(2) }
    loop.at(now + .milliseconds(1)) { fired.append(0) }
    loop.at(now + .milliseconds(1)) { fired.append(1) }
    let cancelled = loop.at(now + .milliseconds(1)) { fired.append(99) }
    cancelled.cancel()
    loop.run()
    #expect(fired == [0, 1, 2, 3])
    #expect(!cancelled.isPending)
  }

  @Test func periodicTimersFireUntilCancelled() throws {
    let loop = try EventLoop()
    var count = 0
    var timer: LoopTimer?
    timer = loop.every(.milliseconds(1)) {
      count += 1
      if count == 3 {
        timer?.cancel()
        loop.after(.milliseconds(5)) { loop.stop() }
      }
    }
    loop.run()
    #expect(count == 3)
  }

  /// Many timers in a random order: the heap gives them back sorted.
  @Test func aThousandTimersComeSorted() throws {
    let loop = try EventLoop()
    var generator = SeededGenerator(seed: 7)
    let start = MonotonicTime.now() - .seconds(10)
    var fired: [Int64] = []
    for _ in 0..<1_000 {
      let offset = Int64.random(in: 0..<5_000, using: &generator)
      loop.at(start + .milliseconds(offset)) { fired.append(offset) }
    }
    loop.turn(atMost: .zero)
    #expect(fired.count == 1_000)
    #expect(fired == fired.sorted())
  }

  /// A timer that is set anew all the time leaves nothing behind, however late it was due.
  @Test func cancelledTimersAreLetGo() throws {
    let loop = try EventLoop()
    final class Held {}
    weak var held: Held?
    var fired: [Int] = []
    for number in 0..<5 { loop.at(MonotonicTime.now() - .milliseconds(Int64(5 - number))) { fired.append(number) } }
    var timers: [LoopTimer] = []
    for number in 0..<1_000 {
      let object = Held()
      if number == 0 { held = object }
      let timer = loop.after(.seconds(3_600)) { withExtendedLifetime(object) {} }
      timer.cancel()
      timers.append(timer)
    }
    timers = []
    #expect(held == nil)
    #expect(loop.timerCount < 100)
    loop.turn(atMost: .zero)
    #expect(fired == [0, 1, 2, 3, 4], "the others fire in their order")
  }

  @Test func aWatchCancelledByAnEarlierCallbackOfTheSameTurnIsNotCalled() throws {
    let loop = try EventLoop()
    let (a, b) = try MessageSocket.pair()
    let (c, d) = try MessageSocket.pair()
    var calls = 0
    var watches: [EventLoop.Watch] = []
    for socket in [a, c] {
      watches.append(
        try loop.watch(socket.number) {
          calls += 1
          for watch in watches { watch.cancel() }
        })
    }
    b.send([1])
    d.send([1])
    loop.turn(atMost: .zero)
    loop.turn(atMost: .zero)
    #expect(calls == 1)
  }

  @Test func mailboxKeepsTheOrderOfEachSenderAndWakesTheLoop() throws {
    let loop = try EventLoop()
    let mailbox = try Mailbox<(sender: Int, number: Int)>()
    var received: [[Int]] = [[], []]
    try loop.attach(mailbox) { message in
      received[message.sender].append(message.number)
      if received[0].count + received[1].count == 2_000 { loop.stop() }
    }
    let workers = try (0..<2).map { sender in
      try Worker(name: "sender") { for number in 0..<1_000 { mailbox.send((sender, number)) } }
    }
    loop.run()
    for worker in workers { worker.join() }
    #expect(received == [Array(0..<1_000), Array(0..<1_000)])
  }

  @Test func aFullMailboxRefuses() throws {
    let mailbox = try Mailbox<Int>(capacity: 2)
    #expect(mailbox.send(1) && mailbox.send(2))
    #expect(!mailbox.send(3))
    #expect(mailbox.drain() == [1, 2])
    #expect(mailbox.send(4))
  }
}
