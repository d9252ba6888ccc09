import Glibc
import Linux
import TestSupport
import Testing

@Suite struct SharedMemoryTests {
  @Test func aReaderSeesWhatTheOwnerWrites() throws {
    let owner = try SharedMemory(creating: "test", bytes: 8_192)
    let reader = try SharedMemory(readingFrom: Descriptor(adopting: dup(owner.number)), bytes: 8_192)
    owner.writable[8_191] = 42
    #expect(reader.bytes[8_191] == 42)
  }

  @Test func theSizeIsFixedAndNobodyElseCanWrite() throws {
    let memory = try SharedMemory(creating: "test", bytes: 8_192)
    #expect(ftruncate(memory.number, 0) == -1)
    #expect(ftruncate(memory.number, 16_384) == -1)
    #expect(mmap(nil, 8_192, PROT_READ | PROT_WRITE, MAP_SHARED, memory.number, 0) == MAP_FAILED)
    var byte: UInt8 = 1
    #expect(pwrite(memory.number, &byte, 1, 0) == -1)
  }

  @Test func memoryThatIsTooSmallOrNotSealedIsRefused() throws {
    let memory = try SharedMemory(creating: "test", bytes: 4_096)
    #expect(throws: SystemError.self) {
      try SharedMemory(readingFrom: Descriptor(adopting: dup(memory.number)), bytes: 4_097)
    }
    let scratch = try ScratchDirectory()
    let plain = open("\(scratch.path)/plain", O_CREAT | O_RDWR, 0o600)
    #expect(ftruncate(plain, 4_096) == 0)
    #expect(throws: SystemError.self) { try SharedMemory(readingFrom: Descriptor(adopting: plain), bytes: 4_096) }
  }
}
