import Linux
import Testing

@Suite struct StateMemoryTests {
  @Test func whatWasWrittenLastIsRead() throws {
    let memory = try StateMemory(creating: "test")
    #expect(memory.read() == nil)
    for state in [[1, 2, 3], [], [UInt8](repeating: 7, count: 100_000), [9]] {
      try memory.write(state)
      #expect(memory.read() == state)
    }
    memory.clear()
    #expect(memory.read() == nil)
  }

  @Test func theNextProcessGoesOnCounting() throws {
    let memory = try StateMemory(creating: "test")
    for value in 1...3 { try memory.write([UInt8(value)]) }
    let borrowed = Descriptor(adopting: memory.number)
    let next = StateMemory(adopting: try borrowed.duplicate())
    _ = borrowed.release()
    #expect(next.read() == [3])
    try next.write([4])
    #expect(memory.read() == [4])
    try next.write([5])
    #expect(memory.read() == [5])
  }

  @Test func whatIsTooLongIsRefusedAndLeavesNothingThatIsOld() throws {
    let memory = try StateMemory(creating: "test")
    try memory.write([1])
    #expect(throws: SystemError.self) {
      try memory.write([UInt8](repeating: 0, count: StateMemory.largestBytes + 1))
    }
    #expect(memory.read() == nil)
  }
}
