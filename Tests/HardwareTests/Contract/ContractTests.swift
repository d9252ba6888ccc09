import Testing

/// The contract of buttons and lamps on the simulated board.
@Suite struct SimulatedBoardContractTests {
  @Test(arguments: ButtonContract.checks) func button(check: ButtonContract.Check) throws {
    try check.body(SimulatedBoardUnderTest())
  }
  @Test(arguments: PressContract.rows) func press(row: PressContract.Row) throws {
    try PressContract.play(row) { try SimulatedBoardUnderTest() }
  }
  @Test(arguments: LampContract.checks) func lamp(check: LampContract.Check) throws {
    try check.body(SimulatedBoardUnderTest())
  }
}

/// The same on the GPIO drivers, with a played kernel below them.
@Suite struct PlayedGPIOContractTests {
  @Test(arguments: ButtonContract.checks, BenchWiring.all)
  func button(check: ButtonContract.Check, wiring: BenchWiring) throws {
    try check.body(GPIOBoardUnderTest(PlayedGPIO(), wiring))
  }
  @Test(arguments: PressContract.rows) func press(row: PressContract.Row) throws {
    try PressContract.play(row) { try GPIOBoardUnderTest(PlayedGPIO()) }
  }
  @Test(arguments: LampContract.checks, BenchWiring.all)
  func lamp(check: LampContract.Check, wiring: BenchWiring) throws {
    try check.body(GPIOBoardUnderTest(PlayedGPIO(), wiring))
  }
  @Test(arguments: GPIOContract.checks) func gpio(check: GPIOContract.Check) throws { try check.body(PlayedGPIO()) }
}

/// The same on the kernel's own GPIO and its simulated chip. One after the other, because some look at the time. Its bias is
/// what its contact is, so requesting one would let go of a button that is held before: that has a check of its own.
@Suite(.serialized, .enabled(if: GPIOSim.isHere, "no gpio-sim in this kernel: Tests/VM/run has one with it"))
struct GPIOSimContractTests {
  @Test(arguments: ButtonContract.checks, BenchWiring.withoutBias)
  func button(check: ButtonContract.Check, wiring: BenchWiring) throws {
    try check.body(GPIOBoardUnderTest(GPIOSim(), wiring))
  }
  @Test(arguments: PressContract.rows, BenchWiring.withoutBias)
  func press(row: PressContract.Row, wiring: BenchWiring) throws {
    try PressContract.play(row) { try GPIOBoardUnderTest(GPIOSim(), wiring) }
  }
  @Test(arguments: LampContract.checks, BenchWiring.all)
  func lamp(check: LampContract.Check, wiring: BenchWiring) throws {
    try check.body(GPIOBoardUnderTest(GPIOSim(), wiring))
  }
  @Test(arguments: GPIOContract.checks) func gpio(check: GPIOContract.Check) throws { try check.body(GPIOSim()) }
}
