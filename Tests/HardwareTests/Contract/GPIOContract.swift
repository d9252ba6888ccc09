import Glibc
import Linux
import Testing

@testable import Hardware

/// What buttons and lamps on GPIO lines do besides what all do.
enum GPIOContract {
  typealias Check = ContractCheck<any GPIOBench>

  static let checks: [Check] = [
    Check(
      "a chip is found by its label, its name and its path, a line by its number and its name", chipsAndLinesAreFound),
    Check("a missing chip is said with what is there", missingChip),
    Check("a missing line is said with what is there", missingLine),
    Check("a line taken by another is said with its name, and had once it is free", takenLine),
    Check("the bias holds the line of an open contact", bias),
    Check("the active level turns the meaning of a level", activeLevel),
    Check("a closed button says so and frees its line; opened again, it tells what it missed", closedButton),
    Check("a lamp that is closed or let go of is dark, and its line is free", closedLamp),
    Check("a hundred lamps leave no descriptor behind", lampsLeaveNothingBehind),
    Check("more edges than the kernel keeps: the last one is right", moreEdgesThanTheKernelKeeps),
    Check("a button whose chip goes away is gone, and works again when it is back", buttonThatGoesAndComesBack),
    Check("a lamp whose chip goes away is gone, and shines again when it is back", lampThatGoesAndComesBack),
  ]

  private static func chipsAndLinesAreFound(_ bench: any GPIOBench) throws {
    for chip in [bench.label, bench.name, "/dev/\(bench.name)"] {
      for line in ["0", "CALL"] {
        let button = try button(bench, GPIOLineName(chip: chip, line))
        try button.open()
        try bench.drive(.call, high: true)
        #expect(try button.awaitEdge().down)
        try bench.drive(.call, high: false)
        #expect(try !button.awaitEdge().down)
      }
    }
  }

  private static func missingChip(_ bench: any GPIOBench) throws {
    for chip in ["gpiochip4711", "pinctrl-elsewhere", "/dev/gpiochip4711"] {
      let name = GPIOLineName(chip: chip, "0")
      let here = "\(bench.name) (\(bench.label))"
      try expectMissing("no GPIO chip \(chip): there is ", here) { try button(bench, name).open() }
      try expectMissing("no GPIO chip \(chip): there is ", here) { try lamp(bench, name).set(.green) }
    }
  }

  private static func missingLine(_ bench: any GPIOBench) throws {
    let last = GPIOLineName(chip: bench.label, "\(BenchLine.allCases.count)")
    try expectMissing("no line 8 of \(bench.label): it has 8 lines, counted from 0") {
      try button(bench, last).open()
    }
    let unheardOf = GPIOLineName(chip: bench.label, "GPIO17")
    try expectMissing(
      "no line GPIO17 of \(bench.label): its lines are \(BenchLine.names.joined(separator: ", "))"
    ) { try lamp(bench, unheardOf).set(nil) }
  }

  private static func takenLine(_ bench: any GPIOBench) throws {
    let name = bench.line(.spare)
    let button = try button(bench, name)
    let lamp = lamp(bench, name)
    do {
      let other = try taken(bench, by: "motion")
      #expect(throws: DeviceError.busy(by: "motion")) { try button.open() }
      #expect(throws: DeviceError.busy(by: "motion")) { try button.nextEdge() }
      #expect(throws: DeviceError.busy(by: "motion")) { try lamp.set(.green) }
      withExtendedLifetime(other) {}
    }
    try button.open()
    #expect(throws: DeviceError.busy(by: "fieldbox")) { try lamp.set(.green) }
    button.close()
    try lamp.set(.green)
    #expect(try bench.isHigh(.spare))
    #expect(throws: DeviceError.busy(by: "fieldbox")) { try button.open() }
  }

  private static func bias(_ bench: any GPIOBench) throws {
    let cases: [(line: BenchLine, bias: GPIOBias, activeLow: Bool)] = [
      (.spare, .pullUp, true), (.nameless, .pullUp, false), (.blue, .pullDown, true), (.red, .pullDown, false),
    ]
    for (line, bias, activeLow) in cases {
      let high = bias == .pullUp
      let button = try button(bench, bench.line(line), activeLow: activeLow, bias: bias)
      try button.open()
      #expect(try bench.isHigh(line) == high)
      let down = try button.nextEdge()?.down ?? false
      #expect(down == (high != activeLow))
      // A contact that closes is stronger.
      try bench.drive(line, high: !high)
      #expect(try button.awaitEdge().down == !down)
    }
  }

  private static func activeLevel(_ bench: any GPIOBench) throws {
    try bench.drive(.spare, high: true)
    for activeLow in [true, false] {
      let button = try button(bench, bench.line(.spare), activeLow: activeLow)
      try button.open()
      #expect(try button.nextEdge()?.down ?? false == !activeLow)
      button.close()
      let lamp = WiredLamp(
        .talk, [.green: .line(bench.line(.green), activeLow: activeLow)], ledDirectory: "/nowhere", gpio: bench.calls,
        files: .system)
      try lamp.set(.green)
      #expect(try bench.isHigh(.green) == !activeLow)
      try lamp.set(nil)
      #expect(try bench.isHigh(.green) == activeLow)
    }
  }

  private static func closedButton(_ bench: any GPIOBench) throws {
    let button = try button(bench, bench.line(.spare))
    #expect(throws: DeviceError.closed) { try button.nextEdge() }
    try button.open()
    try bench.drive(.spare, high: true)
    #expect(try button.awaitEdge().down)
    button.close()
    #expect(!button.isReadable())
    #expect(throws: DeviceError.closed) { try button.nextEdge() }
    try bench.drive(.spare, high: false)
    bench.settle()
    _ = try taken(bench, by: "motion")
    try button.open()
    #expect(try !button.awaitEdge().down)
    #expect(try button.nextEdge() == nil)
  }

  private static func closedLamp(_ bench: any GPIOBench) throws {
    for closing in [true, false] {
      do {
        let lamp = lamp(bench, bench.line(.spare))
        try lamp.set(.green)
        #expect(try bench.isHigh(.spare))
        if closing {
          lamp.close()
          #expect(throws: DeviceError.closed) { try lamp.set(.green) }
        }
      }
      #expect(try !bench.isHigh(.spare))
      _ = try taken(bench, by: "motion")
    }
  }

  private static func lampsLeaveNothingBehind(_ bench: any GPIOBench) throws {
    var least = Int.max
    for _ in 0..<5 where least >= 50 {
      let before = Files.names(in: "/proc/self/fd").count
      for _ in 0..<100 { try lamp(bench, bench.line(.spare)).set(.green) }
      for _ in 0..<100 {
        #expect(throws: DeviceError.self) { try lamp(bench, GPIOLineName(chip: "none", "0")).set(nil) }
      }
      least = min(least, Files.names(in: "/proc/self/fd").count - before)
    }
    #expect(least < 50)
  }

  private static func moreEdgesThanTheKernelKeeps(_ bench: any GPIOBench) throws {
    let button = try button(bench, bench.line(.spare))
    try button.open()
    for high in [true, false] {
      // An odd number, so the last level is not the first.
      for index in 0..<61 {
        try bench.drive(.spare, high: (index % 2 == 0) == high)
        bench.settle()
      }
      var edges: [ButtonEdge] = []
      while let edge = try button.nextEdge() { edges.append(edge) }
      // Of sixteen that it kept, the first may change nothing.
      #expect(edges.count >= 15)
      #expect(edges.last?.down == high)
      for (one, next) in zip(edges, edges.dropFirst()) {
        #expect(one.down != next.down)
        #expect(one.time <= next.time)
      }
    }
  }

  private static func buttonThatGoesAndComesBack(_ bench: any GPIOBench) throws {
    let button = try button(bench, bench.line(.spare))
    try button.open()
    try bench.drive(.spare, high: true)
    #expect(try button.awaitEdge().down)
    try bench.remove()
    #expect(button.isReadable(within: .seconds(5)))
    #expect(throws: DeviceError.gone) { try button.nextEdge() }
    // A loop that watches it may sleep.
    #expect(!button.isReadable())
    #expect(throws: DeviceError.gone) { try button.nextEdge() }
    try expectMissing("no GPIO chip \(bench.label): there is ") { try button.open() }
    try bench.restore()
    try button.open()
    // It was let go of meanwhile.
    #expect(try !button.awaitEdge().down)
    try bench.drive(.spare, high: true)
    #expect(try button.awaitEdge().down)
  }

  private static func lampThatGoesAndComesBack(_ bench: any GPIOBench) throws {
    let lamp = lamp(bench, bench.line(.spare))
    try lamp.set(.green)
    try bench.remove()
    #expect(throws: DeviceError.gone) { try lamp.set(nil) }
    try expectMissing("no GPIO chip \(bench.label): there is ") { try lamp.set(.green) }
    try bench.restore()
    try lamp.set(.green)
    #expect(try bench.isHigh(.spare))
  }

  private static func button(
    _ bench: any GPIOBench, _ line: GPIOLineName, activeLow: Bool = false, bias: GPIOBias = .asIs
  ) throws -> GPIOButton {
    try GPIOButton(.call, GPIOButtonWiring(line: line, activeLow: activeLow, bias: bias), calls: bench.calls)
  }

  private static func lamp(_ bench: any GPIOBench, _ line: GPIOLineName) -> WiredLamp {
    WiredLamp(
      .talk, [.green: .line(line, activeLow: false)], ledDirectory: "/nowhere", gpio: bench.calls, files: .system)
  }

  /// Takes the spare line as another program would.
  private static func taken(_ bench: any GPIOBench, by consumer: String) throws -> GPIOLine {
    try GPIOLine(
      bench.line(.spare), GPIORequest(consumer: consumer, activeLow: false, use: .output(false)), bench.calls)
  }

  /// Expects `missing` with all of these words, which names what else is on this machine too.
  private static func expectMissing(_ words: String..., by body: () throws -> Void) throws {
    do {
      try body()
      Issue.record("opened")
    } catch DeviceError.missing(let text) {
      for part in words { #expect(text.contains(part)) }
    }
  }
}
