import Glibc
import Links
import Linux
import TestSupport
import Testing

@testable import Hardware

@Suite struct SimulatedLampTests {
  @Test func timelineHoldsEachChangeOnce() throws {
    let directory = try ScratchDirectory()
    let path = directory.path + "/lamps.jsonl"
    let clock = VirtualClock()
    let board = try SimulatedBoard(SimulatedBoardConfiguration(lampTimeline: path), clock: clock)
    let start = clock.monotonic()
    let lamps = Dictionary(uniqueKeysWithValues: board.lamps.map { ($0.name, $0) })
    #expect(board.lamps.map(\.name) == LampName.allCases)
    try lamps[.status]?.set(nil)
    try lamps[.status]?.set(.blue)
    try lamps[.status]?.set(.blue)
    clock.pass(.milliseconds(250))
    try lamps[.talk]?.set(.green)
    try lamps[.status]?.set(nil)
    #expect(
      board.timeline.changes == [
        LampChange(time: start, lamp: .status, color: .blue),
        LampChange(time: start + .milliseconds(250), lamp: .talk, color: .green),
        LampChange(time: start + .milliseconds(250), lamp: .status, color: nil),
      ])
    #expect(board.timeline.lights == [.talk: .green])
    #expect(
      String(decoding: read(path), as: UTF8.self) == """
        {"time":1772600767890,"microseconds":5000000000,"lamp":"status","light":"blue"}
        {"time":1772600768140,"microseconds":5000250000,"lamp":"talk","light":"green"}
        {"time":1772600768140,"microseconds":5000250000,"lamp":"status","light":"off"}

        """)
  }

  @Test func memoryIsBounded() throws {
    let board = try SimulatedBoard(SimulatedBoardConfiguration(), clock: VirtualClock())
    for index in 0..<10_001 { try board.lamps[0].set(index % 2 == 0 ? .red : .blue) }
    #expect((1_000...4_096).contains(board.timeline.changes.count))
    #expect(board.timeline.changes.last?.color == .red)
  }

  @Test func eachLampHasItsColours() throws {
    let board = try SimulatedBoard(SimulatedBoardConfiguration(), clock: VirtualClock())
    let allowed: [LampName: Set<LampColor>] = [.status: [.blue, .red], .call: [.amber], .talk: [.green]]
    for lamp in board.lamps {
      for color in LampColor.allCases {
        if allowed[lamp.name, default: []].contains(color) {
          try lamp.set(color)
        } else {
          #expect(throws: DeviceError.unsupported("the \(lamp.name.rawValue) lamp cannot be \(color.rawValue)")) {
            try lamp.set(color)
          }
        }
      }
    }
  }

  @Test func aFileThatCannotBeMadeIsSaidAndTheLampLightsAnyway() throws {
    let board = try SimulatedBoard(
      SimulatedBoardConfiguration(lampTimeline: "/nowhere/lamps.jsonl"), clock: VirtualClock())
    #expect(throws: DeviceError.ioFailure(call: "open /nowhere/lamps.jsonl", errno: ENOENT)) {
      try board.lamps[2].set(.green)
    }
    #expect(board.timeline.lights == [.talk: .green])
  }
}

@Suite struct SimulatedButtonTests {
  private func edges(_ button: any Button) throws -> [ButtonEdge] {
    var edges: [ButtonEdge] = []
    while let edge = try button.nextEdge() { edges.append(edge) }
    return edges
  }

  private func isReadable(_ button: any Button) -> Bool {
    var poll = pollfd(fd: button.descriptor, events: Int16(POLLIN), revents: 0)
    return Glibc.poll(&poll, 1, 0) == 1
  }

  @Test func edgesComeInOrderWithTheirTimes() throws {
    let clock = VirtualClock()
    let board = try SimulatedBoard(SimulatedBoardConfiguration(), clock: clock)
    let start = clock.monotonic()
    let (call, hangUp) = (board.buttons[0], board.buttons[1])
    #expect([call.name, hangUp.name] == [.call, .hangUp])
    #expect(!isReadable(call))
    board.button(.call, down: true)
    clock.pass(.milliseconds(120))
    board.button(.call, down: false)
    board.button(.hangUp, down: true)
    #expect(isReadable(call))
    #expect(
      try edges(call) == [
        ButtonEdge(button: .call, down: true, time: start),
        ButtonEdge(button: .call, down: false, time: start + .milliseconds(120)),
      ])
    #expect(!isReadable(call))
    #expect(try edges(hangUp) == [ButtonEdge(button: .hangUp, down: true, time: start + .milliseconds(120))])
  }

  @Test func contactsBounceWhereConfigured() throws {
    let clock = VirtualClock()
    let board = try SimulatedBoard(SimulatedBoardConfiguration(buttonBounces: 2), clock: clock)
    let start = clock.monotonic()
    board.button(.call, down: true)
    let edges = try edges(board.buttons[0])
    #expect(edges.map(\.down) == [true, false, true, false, true])
    #expect(edges.map { ($0.time - start).milliseconds } == [0, 1, 2, 3, 4])
  }

  @Test func pressesThatNobodyTakesDoNotBlock() throws {
    let board = try SimulatedBoard(SimulatedBoardConfiguration(), clock: VirtualClock())
    for _ in 0..<50_000 { board.button(.call, down: true) }
    #expect(try edges(board.buttons[0]).count > 1_000)
  }
}
