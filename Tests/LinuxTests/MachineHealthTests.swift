import Glibc
import Testing

@testable import Linux

@Suite struct MachineHealthTests {
  @Test func thisMachineTellsWhatEveryMachineKnows() throws {
    let memory = try #require(MachineHealth.memory)
    #expect(memory.available > 0 && memory.available <= memory.total)
    let storage = try #require(MachineHealth.storage(of: "/"))
    #expect(storage.available >= 0 && storage.available <= storage.total && storage.total > 0)
    #expect(MachineHealth.load ?? -1 >= 0)
    #expect(MachineHealth.residentBytes(of: getpid()) > 1 << 20)
    #expect(MachineHealth.storage(of: "/no/such/place") == nil)
    for pid: pid_t in [0, -1, 1 << 30] { #expect(MachineHealth.residentBytes(of: pid) == 0) }
  }
}
