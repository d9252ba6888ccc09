import Links
import Linux
import Testing

@testable import Supervisor

@Suite struct FrameRingTests {
  /// Media's end of the ring.
  final class Reader {
    let socket: MessageSocket
    let memory: SharedMemory

    init(_ socket: MessageSocket, _ ring: FrameRing) throws {
      self.socket = socket
      let descriptor = Descriptor(adopting: ring.number)
      memory = try SharedMemory(readingFrom: try descriptor.duplicate(), bytes: ring.slots * ring.slotBytes)
      _ = descriptor.release()
    }

    func next() throws -> FrameReady? {
      try withUnsafeTemporaryAllocation(byteCount: 64, alignment: 8) { bytes in
        guard let length = try socket.receive(into: PacketView(bytes)) else { return nil }
        return PacketView(bytes).prefix(length).flatMap { FrameReady($0) }
      }
    }

    func release(_ slot: UInt32) {
      withUnsafeTemporaryAllocation(byteCount: FrameReleased.bytes, alignment: 8) { bytes in
        _ = FrameReleased(slot: slot).write(to: PacketView(bytes))
        socket.send(PacketView(bytes))
      }
    }
  }

  static func make(slots: Int = 3) throws -> (FrameRing, Reader) {
    let ring = try FrameRing(slots: slots, slotBytes: 4_096)
    let (ours, theirs) = try MessageSocket.pair()
    ring.attach(ours)
    return (ring, try Reader(theirs, ring))
  }

  static func ready(_ slot: Int, _ sequence: UInt32) -> FrameReady {
    FrameReady(
      slot: UInt32(slot), format: .i420, width: 16, height: 16, length: 384, sequence: sequence,
      captured: MonotonicTime(microseconds: 5))
  }

  /// Takes, marks and publishes one frame; nil if no slot is free.
  static func publish(_ ring: FrameRing, mark: UInt8) -> Int? {
    guard let slot = ring.take() else { return nil }
    ring.memory(of: slot)?[0] = mark
    ring.publish(slot) { ready(slot, $0) }
    return slot
  }

  @Test func framesArriveInOrderInTheirSlots() throws {
    let (ring, reader) = try Self.make()
    for round in 0..<10 {
      let slot = try #require(Self.publish(ring, mark: UInt8(round)))
      let frame = try #require(try reader.next())
      #expect(frame.slot == UInt32(slot) && frame.sequence == UInt32(round))
      #expect(reader.memory.bytes[slot * 4_096] == UInt8(round))
      reader.release(frame.slot)
    }
    #expect(ring.captured.load(ordering: .relaxed) == 10)
    #expect(ring.dropped.load(ordering: .relaxed) == 0)
  }

  @Test func aReaderThatHoldsAllSlotsMakesFramesDrop() throws {
    let (ring, reader) = try Self.make()
    let slots = (0..<3).compactMap { Self.publish(ring, mark: UInt8($0)) }
    #expect(Set(slots) == [0, 1, 2])
    #expect(ring.take() == nil)
    ring.countDropped()
    let first = try #require(try reader.next())
    reader.release(first.slot)
    #expect(Self.publish(ring, mark: 9) == Int(first.slot))
    // The number of the frame that was dropped is left out.
    _ = try reader.next()
    _ = try reader.next()
    #expect(try reader.next()?.sequence == 4)
    #expect(ring.dropped.load(ordering: .relaxed) == 1)
  }

  @Test func releasesOfSlotsItDoesNotHaveAreIgnored() throws {
    let (ring, reader) = try Self.make()
    let slot = try #require(ring.take())
    for wrong in [UInt32(slot), 2, 3, .max] { reader.release(wrong) }
    reader.socket.send([1, 2, 3])
    reader.socket.send([UInt8](repeating: 0, count: 100))
    #expect(Set([ring.take(), ring.take()].compactMap { $0 }) == Set([0, 1, 2]).subtracting([slot]))
    #expect(ring.take() == nil)
  }

  @Test func anotherReaderFindsAllSlotsFreeButTheOneBeingFilled() throws {
    let (ring, old) = try Self.make()
    _ = Self.publish(ring, mark: 1)
    let filling = try #require(ring.take())
    _ = Self.publish(ring, mark: 2)
    #expect(ring.take() == nil)
    withExtendedLifetime(old) {}
    let (ours, theirs) = try MessageSocket.pair()
    ring.attach(ours)
    let reader = try Reader(theirs, ring)
    let free = [ring.take(), ring.take(), ring.take()]
    #expect(free.compactMap { $0 }.count == 2 && !free.contains(filling))
    ring.publish(filling) { Self.ready(filling, $0) }
    #expect(try reader.next()?.slot == UInt32(filling))
  }

  @Test func withoutAReaderFramesAreDroppedAndSlotsStayFree() throws {
    let (ring, _) = try Self.make()
    ring.attach(nil)
    for round in 0..<5 { #expect(Self.publish(ring, mark: UInt8(round)) != nil) }
    #expect(ring.dropped.load(ordering: .relaxed) == 5)
  }

  @Test func aSlotGivenBackIsFree() throws {
    let (ring, _) = try Self.make(slots: 1)
    let slot = try #require(ring.take())
    #expect(ring.take() == nil)
    ring.giveBack(slot)
    #expect(ring.take() == slot)
    #expect(ring.memory(of: 1) == nil && ring.memory(of: -1) == nil)
  }
}
