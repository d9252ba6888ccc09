import Linux
import TestSupport
import Testing

@testable import WebRTC

@Suite struct VP8PayloadTests {
  static func descriptor(_ change: (inout VP8Descriptor) -> Void) -> VP8Descriptor {
    var descriptor = VP8Descriptor()
    change(&descriptor)
    return descriptor
  }

  static let descriptors: [(VP8Descriptor, String)] = [
    (descriptor { _ in }, "00"),
    (descriptor { $0.startsPartition = true }, "10"),
    (descriptor { ($0.isDiscardable, $0.partition) = (true, 5) }, "25"),
    (descriptor { ($0.startsPartition, $0.pictureID) = (true, 0x1234) }, "9080 9234"),
    (descriptor { ($0.pictureID, $0.hasShortPictureID) = (0x55, true) }, "8080 55"),
    (descriptor { ($0.pictureID, $0.baseLayerIndex) = (1, 9) }, "80c0 8001 09"),
    (
      descriptor {
        ($0.startsPartition, $0.pictureID, $0.baseLayerIndex) = (true, 0x7fff, 255)
        ($0.temporalLayer, $0.refersToBaseOnly, $0.keyFrameIndex) = (2, true, 21)
      }, "90f0 ffff ff b5"
    ),
    (descriptor { $0.temporalLayer = 3 }, "8020 c0"),
    (descriptor { $0.keyFrameIndex = 31 }, "8010 1f"),
  ]

  @Test(arguments: descriptors) func descriptorsAreWrittenAndRead(descriptor: VP8Descriptor, hex: String) throws {
    let buffer = PacketBuffer(length: 8)
    let expected = [UInt8](hex: hex)
    #expect(descriptor.write(into: buffer.view) == expected.count)
    #expect(descriptor.length == expected.count)
    #expect(buffer.bytes(expected.count) == expected)
    let (read, length) = try #require(VP8Descriptor.parse(buffer.view))
    #expect(read == descriptor && length == expected.count)
  }

  @Test(arguments: descriptors) func cutDescriptorsAreRefused(descriptor: VP8Descriptor, hex: String) {
    let bytes = [UInt8](hex: hex)
    for length in 0..<bytes.count {
      #expect(VP8Descriptor.parse(PacketBuffer(Array(bytes.prefix(length))).view) == nil)
      #expect(descriptor.write(into: PacketBuffer(length: length).view) == nil)
    }
  }

  @Test func keyFramesTellTheirSize() {
    // 640×480, with scaling bits that do not count.
    let key = PacketBuffer([UInt8](hex: "10 02 00 9d012a 8042 e041"))
    #expect(VP8Frame.isKeyFrame(key.view))
    #expect(VP8Frame.size(key.view).map { [$0.width, $0.height] } == [640, 480])
    #expect(!VP8Frame.isKeyFrame(PacketBuffer([0x11]).view))
    #expect(VP8Frame.size(PacketBuffer([UInt8](hex: "10 02 00 9d012a 80")).view) == nil)
    #expect(VP8Frame.size(PacketBuffer([UInt8](hex: "11 02 00 9d012a 8042 e041")).view) == nil)
  }

  @Test(arguments: [1, 100, 1116, 1117, 2232, 5000, 60_000]) func framesAreCutEvenly(length: Int) throws {
    let frame = PacketBuffer((0..<length).map { UInt8(truncatingIfNeeded: $0 &* 7) })
    var packetizer = VP8Packetizer(frame: frame.view, descriptor: Self.descriptor { $0.pictureID = 77 })
    var joined: [UInt8] = []
    var sizes: [Int] = []
    while packetizer.remaining > 0 {
      let buffer = PacketBuffer(length: VP8Packetizer.longestPayload)
      guard let size = packetizer.next(into: buffer.view) else { break }
      let (descriptor, head) = try #require(VP8Descriptor.parse(buffer.view))
      #expect(descriptor.startsFrame == sizes.isEmpty)
      #expect(descriptor.pictureID == 77)
      joined += buffer.bytes(size)[head...]
      sizes.append(size)
    }
    #expect(joined == frame.view.array)
    // As few packets as possible, and none much shorter than another.
    #expect(sizes.count == (length + 1115) / 1116)
    #expect((sizes.max() ?? 0) - (sizes.min() ?? 0) <= 1)
    let more = packetizer.next(into: PacketBuffer(length: 2000).view)
    #expect(more == nil)
  }

  @Test func anEmptyFrameMakesNoPacket() {
    var packetizer = VP8Packetizer(frame: PacketBuffer([]).view, descriptor: VP8Descriptor())
    let first = packetizer.next(into: PacketBuffer(length: 100).view)
    #expect(packetizer.remaining == 0 && first == nil)
  }
}

@Suite struct VP8FrameAssemblerTests {
  static func content(_ length: Int, timestamp: UInt32, key: Bool) -> [UInt8] {
    (0..<length).map { $0 == 0 ? (key ? 0x10 : 0x11) : UInt8(truncatingIfNeeded: $0 + Int(timestamp)) }
  }

  /// The packets of a frame of `count` packets, numbered from `first`.
  static func frame(_ first: UInt16, count: Int, timestamp: UInt32, key: Bool) -> [RTPPacket] {
    let frame = PacketBuffer(content(count * 50, timestamp: timestamp, key: key))
    var packetizer = VP8Packetizer(
      frame: frame.view, descriptor: VP8PayloadTests.descriptor { $0.pictureID = first }, longestPayload: 54)
    return (0..<count).compactMap { index in
      let buffer = PacketBuffer(length: 100)
      let header = RTPHeader(
        payloadType: 96, marker: index == count - 1, sequence: first &+ UInt16(index), timestamp: timestamp, ssrc: 1)
      guard let start = RTPWriter.write(header, into: buffer.view),
        let length = buffer.view.dropFirst(start).flatMap({ packetizer.next(into: $0) })
      else { return nil }
      return buffer.view.prefix(start + length).flatMap(RTPPacket.init)
    }
  }

  static func drain(_ assembler: VP8FrameAssembler) -> [UInt32] {
    var timestamps: [UInt32] = []
    while let frame = assembler.nextFrame() { timestamps.append(frame.timestamp) }
    return timestamps
  }

  @Test func framesComeOutWhole() throws {
    let assembler = VP8FrameAssembler(keepsPayload: true)
    // The numbers wrap within the second frame.
    for packet in Self.frame(65_530, count: 4, timestamp: 10, key: true) { #expect(assembler.insert(packet)) }
    let key = try #require(assembler.nextFrame())
    #expect(
      key
        == VP8AssembledFrame(
          timestamp: 10, isKeyFrame: true, pictureID: 65_530 & 0x7fff, firstSequence: 65_530, packets: 4, length: 200))
    let buffer = PacketBuffer(length: 300)
    #expect(assembler.copyFrame(into: buffer.view) == 200)
    #expect(buffer.bytes(200) == Self.content(200, timestamp: 10, key: true))
    #expect(assembler.copyFrame(into: PacketBuffer(length: 199).view) == nil)
    for packet in Self.frame(65_534, count: 5, timestamp: 20, key: false).reversed() { assembler.insert(packet) }
    let delta = try #require(assembler.nextFrame())
    #expect(!delta.isKeyFrame && delta.firstSequence == 65_534 && delta.packets == 5)
    #expect(assembler.nextFrame() == nil)
    #expect(assembler.framesReceived == 2)
  }

  @Test func nothingComesBeforeAKeyFrame() {
    let assembler = VP8FrameAssembler(keepsPayload: false)
    for packet in Self.frame(1, count: 2, timestamp: 10, key: false) { assembler.insert(packet) }
    #expect(Self.drain(assembler) == [] && assembler.needsKeyFrame)
    for packet in Self.frame(3, count: 2, timestamp: 20, key: true) { assembler.insert(packet) }
    #expect(Self.drain(assembler) == [20] && !assembler.needsKeyFrame)
    // The frame before the key frame is of no use any more.
    for packet in Self.frame(1, count: 2, timestamp: 10, key: false) { assembler.insert(packet) }
    #expect(Self.drain(assembler) == [])
  }

  @Test func aHoleHoldsLaterFramesUntilItIsMendedOrAKeyFrameComes() {
    let assembler = VP8FrameAssembler(keepsPayload: false)
    let frames = (0..<4).map { (index: UInt32) -> [RTPPacket] in
      Self.frame(UInt16(1 + 3 * index), count: 3, timestamp: index, key: index == 0)
    }
    for packet in frames[0] { assembler.insert(packet) }
    for packet in frames[1].dropLast() { assembler.insert(packet) }
    for packet in frames[2] { assembler.insert(packet) }
    #expect(Self.drain(assembler) == [0])
    assembler.insert(frames[1][2])
    #expect(Self.drain(assembler) == [1, 2])
    assembler.insert(frames[3][0])
    for packet in Self.frame(13, count: 2, timestamp: 9, key: true) { assembler.insert(packet) }
    #expect(Self.drain(assembler) == [9])
  }

  @Test func framesAreNotJoinedWhereAMarkerIsMissing() {
    let assembler = VP8FrameAssembler(keepsPayload: false)
    let packets = Self.frame(1, count: 2, timestamp: 5, key: true)
    packets[1].marker = false
    for packet in packets + Self.frame(3, count: 2, timestamp: 6, key: true) { assembler.insert(packet) }
    #expect(Self.drain(assembler) == [6])
  }

  @Test func duplicatesAndGarbageDoNotCount() throws {
    let assembler = VP8FrameAssembler(keepsPayload: true)
    let packets = Self.frame(1, count: 2, timestamp: 5, key: true)
    #expect(assembler.insert(packets[0]))
    #expect(!assembler.insert(packets[0]))
    #expect(assembler.insert(packets[1]))
    #expect(Self.drain(assembler) == [5])
    #expect(!assembler.insert(packets[1]))
    // A descriptor alone, and an empty payload.
    for payload in [[0x10], [], [0x80]] as [[UInt8]] {
      let header: [UInt8] = [0x80, 96, 0, 9, 0, 0, 0, 9, 0, 0, 0, 1]
      let bytes = header + payload
      #expect(!assembler.insert(try #require(RTPPacket(PacketBuffer(bytes).view))))
    }
    #expect(assembler.framesReceived == 1)
  }

  @Test func whenTheRingRunsOverAKeyFrameIsNeeded() {
    let assembler = VP8FrameAssembler(capacity: 16, keepsPayload: false)
    for packet in Self.frame(1, count: 1, timestamp: 1, key: true) { assembler.insert(packet) }
    #expect(Self.drain(assembler) == [1])
    // Number 2 never comes.
    for number in 3...20 as ClosedRange<UInt16> {
      for packet in Self.frame(number, count: 1, timestamp: UInt32(number), key: false) { assembler.insert(packet) }
      _ = Self.drain(assembler)
    }
    #expect(assembler.needsKeyFrame && assembler.framesReceived == 1)
    for packet in Self.frame(21, count: 1, timestamp: 21, key: true) { assembler.insert(packet) }
    for packet in Self.frame(22, count: 1, timestamp: 22, key: false) { assembler.insert(packet) }
    #expect(Self.drain(assembler) == [21, 22])
  }

  /// Whatever order within the ring: all frames come, in order, once.
  @Test(arguments: [1, 2, 3, 4] as [UInt64]) func anyOrderGivesTheSameFrames(seed: UInt64) {
    var random = SeededGenerator(seed: seed)
    let assembler = VP8FrameAssembler(capacity: 64, keepsPayload: true)
    var number: UInt16 = 65_000
    var packets: [RTPPacket] = []
    for timestamp in 0..<400 as Range<UInt32> {
      let count = Int.random(in: 1...6, using: &random)
      packets += Self.frame(number, count: count, timestamp: timestamp, key: timestamp == 0)
      number &+= UInt16(count)
    }
    // Shuffled within blocks of 16.
    var received: [UInt32] = []
    for start in stride(from: 0, to: packets.count, by: 16) {
      for packet in packets[start..<min(start + 16, packets.count)].shuffled(using: &random) {
        assembler.insert(packet)
        received += Self.drain(assembler)
      }
    }
    #expect(received == Array(0..<400))
  }
}
