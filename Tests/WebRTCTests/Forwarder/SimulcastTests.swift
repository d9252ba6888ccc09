import Linux
import TestSupport
import Testing

@testable import WebRTC

/// A camera that comes in three sizes, and viewers who are given what they can use.
@Suite struct SimulcastTests {
  /// A phone's camera in layers, as a browser sends it: a source for each, named in each packet.
  final class Camera {
    let plane: TestPlane
    let phone: TestPhone
    /// By layer, the largest first: whether it is sent.
    var isSent = [true, true, true]
    private var sequences: [UInt16] = [100, 65_500, 40_000]
    private var pictures = 0
    private(set) var sent = 0
    /// Of each picture, by layer.
    var bytes = [20, 20, 20]
    /// Whether each layer comes in three temporal layers.
    var isTemporal = false
    private static let temporal: [(layer: UInt8, base: Bool)] = [(0, false), (2, true), (1, true), (2, false)]
    private var baseIndices: [UInt8] = [0, 50, 100]
    static let heights = [480, 240, 120]

    init(_ plane: TestPlane, _ phone: TestPhone) {
      self.plane = plane
      self.phone = phone
    }

    /// One picture in each layer that is sent; key frames where one was asked for.
    func film() throws {
      let asked = phone.keyFramesAsked
      for layer in 0..<3 where isSent[layer] {
        try send(layer, isKey: pictures % 30 == 0 || asked > keyFrames)
      }
      keyFrames = asked
      pictures += 1
    }
    private var keyFrames = 0

    private func send(_ layer: Int, isKey: Bool) throws {
      let srtp = try #require(phone.peer.srtp)
      var descriptor = VP8Descriptor()
      descriptor.startsPartition = true
      descriptor.pictureID = UInt16(pictures + 1_000 * layer) & 0x7fff
      let (temporal, base) = isTemporal && !isKey ? Self.temporal[pictures % 4] : (0, false)
      if temporal == 0 { baseIndices[layer] &+= 1 }
      descriptor.baseLayerIndex = baseIndices[layer]
      descriptor.temporalLayer = temporal
      descriptor.refersToBaseOnly = base
      // The frame's first bytes say whether it is a key frame, and how large.
      let height = Self.heights[layer]
      var frame: [UInt8] = [isKey ? 0x10 : 0x11, 0, 0]
      if isKey {
        let width = height * 4 / 3
        frame += [0x9d, 0x01, 0x2a] + [width, height].flatMap { [UInt8($0 & 0xff), UInt8($0 >> 8)] }
      }
      frame += [UInt8](repeating: 0, count: max(0, bytes[layer] - frame.count))
      frame += [UInt8(layer), UInt8(truncatingIfNeeded: pictures)]
      let buffer = PacketBuffer(length: 1_472)
      var values = RTPExtensionValues()
      values.mid = ShortText("1")
      values.rid = ShortText(Member.layers[layer])
      let header = RTPHeader(
        payloadType: 96, marker: true, sequence: sequences[layer],
        timestamp: UInt32(truncatingIfNeeded: plane.now.microseconds * 9 / 100) &+ UInt32(layer) &* 77_777,
        ssrc: UInt32(9_000 + layer))
      sequences[layer] &+= 1
      var ids = phone.peer.video.extensions
      ids.rid = 7
      let start = try #require(RTPWriter.write(header, values, ids: ids, into: buffer.view))
      let head = try #require(buffer.view.dropFirst(start).flatMap { descriptor.write(into: $0) })
      #expect(buffer.view.copy(frame, to: start + head))
      let length = try srtp.protectRTP(buffer.view, length: start + head + frame.count)
      plane.inject(buffer.bytes(length), from: phone.address)
      sent += 1
    }
  }

  /// A camera in layers, and one who watches it.
  private func stage(
    for length: Interval = .seconds(20), viewer shape: PeerShape = PeerShape()
  ) throws -> (plane: TestPlane, camera: Camera, viewer: TestPhone) {
    let plane = try TestPlane()
    let phone = try plane.call("a", shape: PeerShape(isSimulcast: true)) { answer in
      answer.replacing(
        "a=mid:1\r\n",
        with: "a=mid:1\r\na=extmap:7/sendonly urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id\r\n"
          + "a=rid:h send\r\na=rid:m send\r\na=rid:l send\r\na=simulcast:send h;m;l\r\n")
    }
    let viewer = try plane.call("b", shape: shape)
    try plane.run(for: .seconds(1))
    #expect(plane.box.members["a"]?.peer.video.layers.count == 3)
    let camera = Camera(plane, phone)
    plane.every(.microseconds(33_333), for: length) { try camera.film() }
    return (plane, camera, viewer)
  }

  private func show(_ plane: TestPlane, height: Int?) throws {
    let feed = ForwarderFeed(video: [ForwarderView(from: .peer("a"), height: height)])
    try plane.box.setFeed(feed, of: .peer("b"), now: plane.now, out: plane.out)
  }

  /// Which layer each picture that the viewer got came from: the byte before the last.
  private func layers(_ viewer: TestPhone, since: Int = 0) -> [UInt8] {
    (viewer.packets[.video] ?? []).dropFirst(since).map { $0.payload[$0.payload.count - 2] }
  }

  /// One stream without a gap, whose numbers never go back.
  private func isUnbroken(_ viewer: TestPhone, since: Int = 0) -> Bool {
    let packets = (viewer.packets[.video] ?? []).dropFirst(since)
    let pairs = zip(packets, packets.dropFirst())
    let pictures = packets.map { packet in
      withPacket(packet.payload) { VP8Descriptor.parse($0)?.descriptor }
    }
    return pairs.allSatisfy { $1.sequence == $0.sequence &+ 1 && $1.timestamp.isNewer(than: $0.timestamp) }
      && zip(pictures, pictures.dropFirst()).allSatisfy { a, b in
        guard let a = a?.pictureID, let b = b?.pictureID else { return false }
        return b == (a &+ 1) & 0x7fff
      }
      && zip(pictures, pictures.dropFirst()).allSatisfy { a, b in
        guard let a = a?.baseLayerIndex, let b else { return false }
        return b.baseLayerIndex == (b.temporalLayer == 0 ? a &+ 1 : a)
      }
  }

  @Test(
    "A viewer gets the smallest layer that is as large as its tile",
    arguments: [(nil, 0), (480, 0), (360, 0), (240, 1), (200, 1), (120, 2), (90, 2), (1_080, 0)] as [(Int?, UInt8)])
  func fits(_ height: Int?, _ layer: UInt8) throws {
    let (plane, _, viewer) = try stage()
    try plane.run(for: .seconds(2))
    try show(plane, height: height)
    try plane.run(for: .seconds(1))
    let count = viewer.packets[.video]?.count ?? 0
    try plane.run(for: .seconds(2))
    #expect(Set(layers(viewer, since: count)) == [layer])
    #expect(count > 5 && isUnbroken(viewer))
  }

  @Test("A tile that grows and shrinks switches at a key frame: no gap, no picture without its beginning")
  func switches() throws {
    let (plane, _, viewer) = try stage()
    try show(plane, height: 120)
    try plane.run(for: .seconds(2))
    for (height, layer) in [(480, 0), (120, 2), (240, 1), (480, 0)] as [(Int, UInt8)] {
      try show(plane, height: height)
      try plane.run(for: .seconds(2))
      #expect(layers(viewer).last == layer)
    }
    #expect(isUnbroken(viewer))
    // Where the layer changes a key frame begins: the first byte behind the descriptor of six bytes.
    let packets = viewer.packets[.video] ?? []
    for (a, b) in zip(packets, packets.dropFirst())
    where a.payload[a.payload.count - 2] != b.payload[b.payload.count - 2] {
      #expect(b.payload[6] & 1 == 0)
    }
    #expect(packets.count > 280, "it is fed all the time: \(packets.count)")
    #expect(viewer.keyFramesAsked == 0)
  }

  @Test("When the sender drops a layer, its viewers go on with the next one") func layerDies() throws {
    let (plane, camera, viewer) = try stage()
    try show(plane, height: 480)
    try plane.run(for: .seconds(2))
    #expect(layers(viewer).last == 0)
    camera.isSent[0] = false
    try plane.run(for: .seconds(3))
    #expect(layers(viewer).last == 1)
    camera.isSent[0] = true
    try plane.run(for: .seconds(2))
    #expect(layers(viewer).last == 0)
    #expect(isUnbroken(viewer))
  }

  @Test("A sender that begins with its smallest layer is seen at once in that") func rampUp() throws {
    let (plane, camera, viewer) = try stage()
    camera.isSent = [false, false, true]
    try show(plane, height: 480)
    try plane.run(for: .milliseconds(500))
    #expect(layers(viewer).last == 2)
    camera.isSent = [true, true, true]
    try plane.run(for: .seconds(2))
    #expect(layers(viewer).last == 0)
    #expect(isUnbroken(viewer))
  }

  @Test(
    "On a way that becomes narrow a viewer gets a smaller layer within a moment, and the larger one again when it is wide"
  )
  func narrowing() throws {
    let (plane, camera, viewer) = try stage(for: .seconds(60), viewer: PeerShape(isSimulcast: true))
    // 340, 130 and 50 kbit/s.
    camera.bytes = [1_350, 480, 130]
    plane.network.conditions.limited = plane.boxAddress
    plane.network.conditions.bitsPerSecond = 2_000_000
    try show(plane, height: 480)
    try plane.run(for: .seconds(4))
    #expect(layers(viewer).last == 0)
    #expect(plane.box.members["b"]?.peer.availableBitsPerSecond ?? 0 > 1_000_000)

    plane.network.conditions.bitsPerSecond = 250_000
    try plane.run(for: .seconds(3))
    #expect([1, 2].contains(layers(viewer).last), "what fits, or less, after three seconds")
    plane.network.longestQueue = .zero
    let (count, lost) = (viewer.packets[.video]?.count ?? 0, plane.network.lost)
    try plane.run(for: .seconds(5))
    let seen = Set(layers(viewer, since: count))
    #expect(seen.isSubset(of: [1, 2]) && seen.contains(1), "what fits best")
    #expect((viewer.packets[.video]?.count ?? 0) - count >= 140, "no freeze")
    #expect(plane.network.lost == lost && plane.network.longestQueue < .milliseconds(150))

    plane.network.conditions.bitsPerSecond = 110_000
    try plane.run(for: .seconds(4))
    #expect(layers(viewer).last == 2)

    plane.network.conditions.bitsPerSecond = 2_000_000
    try plane.run(for: .seconds(30))
    #expect(layers(viewer).last == 0)
    let stamps = (viewer.packets[.video] ?? []).map(\.timestamp)
    // What was sent again comes behind.
    let longest = zip(stamps, stamps.dropFirst()).map { Int32(bitPattern: $1 &- $0) }.max() ?? 0
    #expect(longest < 90_000, "no freeze of a second: \(longest / 90) ms")
  }

  @Test("Where not even the smallest layer fits, fewer of its pictures come, and all of them when they do again")
  func fewerPictures() throws {
    let (plane, camera, viewer) = try stage(for: .seconds(60), viewer: PeerShape(isSimulcast: true))
    camera.isTemporal = true
    // 260 kbit/s in the smallest.
    camera.bytes = [1_350, 1_200, 1_000]
    plane.network.conditions.limited = plane.boxAddress
    plane.network.conditions.bitsPerSecond = 220_000
    try show(plane, height: 120)
    try plane.run(for: .seconds(10))
    let (count, lost) = (viewer.packets[.video]?.count ?? 0, plane.network.lost)
    try plane.run(for: .seconds(10))
    let pictures = (viewer.packets[.video]?.count ?? 0) - count
    #expect((70...200).contains(pictures), "between a quarter and two thirds of 300: \(pictures)")
    #expect(plane.network.lost == lost && plane.network.longestQueue < .milliseconds(250))
    #expect(isUnbroken(viewer, since: count))

    plane.network.conditions.bitsPerSecond = 2_000_000
    try plane.run(for: .seconds(20))
    let before = viewer.packets[.video]?.count ?? 0
    try plane.run(for: .seconds(5))
    #expect((viewer.packets[.video]?.count ?? 0) - before >= 148)
    #expect(isUnbroken(viewer, since: count))
  }

  @Test("A wide way with loss or jitter is not taken for a narrow one", arguments: [(20, 0), (0, 30), (10, 15)])
  func wide(_ lost: Int, _ jitter: Int) throws {
    let (plane, camera, viewer) = try stage(viewer: PeerShape(isSimulcast: true))
    camera.bytes = [1_350, 480, 130]
    plane.network.conditions.lostOfThousand = lost
    plane.network.conditions.jitter = .milliseconds(Int64(jitter))
    try show(plane, height: 480)
    try plane.run(for: .seconds(15))
    #expect(layers(viewer).last == 0)
    #expect(plane.box.members["b"]?.peer.availableBitsPerSecond ?? 0 > 450_000)
  }

  @Test("A packet that names no layer, or one that was not agreed on, belongs to none") func unknownLayer() throws {
    let (plane, camera, _) = try stage()
    try plane.run(for: .milliseconds(100))
    let before = plane.box.peerCounters.unknownPayloadType
    let srtp = try #require(camera.phone.peer.srtp)
    for (number, name) in ([nil, "x", "hh"] as [String?]).enumerated() {
      let buffer = PacketBuffer(length: 200)
      var values = RTPExtensionValues()
      values.rid = name.flatMap { ShortText($0) }
      var ids = camera.phone.peer.video.extensions
      ids.rid = 7
      let header = RTPHeader(payloadType: 96, sequence: UInt16(number), timestamp: 0, ssrc: 77)
      let start = try #require(RTPWriter.write(header, values, ids: ids, into: buffer.view))
      plane.inject(buffer.bytes(try srtp.protectRTP(buffer.view, length: start + 20)), from: camera.phone.address)
    }
    #expect(plane.box.peerCounters.unknownPayloadType - before == 3)
  }
}
