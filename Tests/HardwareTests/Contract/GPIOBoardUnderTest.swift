import Links
import Testing

@testable import Hardware

/// How the buttons and lamps of a bench are soldered.
struct BenchWiring: Sendable, CustomTestStringConvertible {
  var activeLow: Bool
  var bias: GPIOBias
  var testDescription: String { "active \(activeLow ? "low" : "high"), bias \(bias)" }

  static let all =
    [
      BenchWiring(activeLow: true, bias: .pullUp), BenchWiring(activeLow: false, bias: .pullDown),
    ] + withoutBias
  static let withoutBias = [
    BenchWiring(activeLow: true, bias: .asIs), BenchWiring(activeLow: false, bias: .disabled),
  ]
}

/// Buttons and lamps on a bench.
final class GPIOBoardUnderTest: BoardUnderTest {
  let bench: any GPIOBench
  private let wiring: BenchWiring
  let buttons: [any Button]
  let lamps: [any Lamp]

  init(_ bench: any GPIOBench, _ wiring: BenchWiring = BenchWiring.all[0]) throws {
    self.bench = bench
    self.wiring = wiring
    var buttons: [any Button] = []
    for name in ButtonName.allCases {
      let line = name == .call ? BenchLine.call : .hangUp
      let soldered = GPIOButtonWiring(line: bench.line(line), activeLow: wiring.activeLow, bias: wiring.bias)
      buttons.append(try GPIOButton(name, soldered, calls: bench.calls))
      try bench.drive(line, high: wiring.activeLow)
    }
    self.buttons = buttons
    lamps = LampName.allCases.map { name in
      let wires = name.colors.map { ($0, LampWire.line(bench.line(BenchLine($0)), activeLow: wiring.activeLow)) }
      return WiredLamp(
        name, Dictionary(uniqueKeysWithValues: wires), ledDirectory: "/nowhere", gpio: bench.calls, files: .system)
    }
  }

  func move(_ button: ButtonName, down: Bool) throws {
    try bench.drive(button == .call ? .call : .hangUp, high: down != wiring.activeLow)
  }
  func settle() { bench.settle() }

  func shining(_ lamp: LampName) throws -> Set<LampColor> {
    Set(try lamp.colors.filter { try bench.isHigh(BenchLine($0)) != wiring.activeLow })
  }
}
