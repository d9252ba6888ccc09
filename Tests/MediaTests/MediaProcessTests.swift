import Codecs
import Links
import Linux
import TestPeers
import TestSupport
import Testing

@testable import Media

@Suite struct MediaProcessTests {
  @Test("A call: devices run on demand, picture and sound flow both ways, everything stops in the end")
  func call() throws {
    let box = try TestBox()
    box.startDevices()
    #expect(box.captures.isEmpty, "nothing runs while nobody watches")
    try box.callTheBox("a")
    let phone = try box.phone("a")
    try box.until("connected") { box.events.contains(.connected(peer: "a")) }
    #expect(box.captures.count == 1)
    #expect(box.captures.first?.camera == CameraMode(width: 640, height: 480, framesPerSecond: 30))
    #expect(box.captures.first?.microphone == true)
    phone.startTone(1_000)

    try box.until("pictures and sound") {
      phone.pictures.count >= 15 && phone.heard.count > 48_000 / 2 && box.heard.count > 40
    }
    #expect(phone.pictures.first?.isKey == true)
    #expect(phone.pictures.allSatisfy { $0.width == 320 && $0.height == 240 })
    // The brightness runs through its eight steps: the pictures are the camera's, in order.
    let expected = Set((0..<8).map { Int(TestPicture.luma(number: $0)) })
    #expect(phone.pictures.allSatisfy { picture in expected.contains { abs($0 - Int(picture.luma)) <= 6 } })
    #expect(amplitude(of: 440, in: phone.heard.suffix(9_600)) > 5_000)
    #expect(amplitude(of: 1_000, in: phone.heard.suffix(9_600)) < 500)
    let atSpeaker = box.heard.suffix(10).flatMap { $0 }
    #expect(amplitude(of: 1_000, in: atSpeaker) > 5_000)
    #expect(amplitude(of: 440, in: atSpeaker) < 500)
    #expect(box.events.contains(.receiving(peer: "a", audio: true, video: false)))
    #expect(box.framesLost == 0)
    #expect(try box.request { .list(id: $0) } == .peers([MediaPeerStatus(peer: "a", connected: true)]))

    #expect(try box.request { .closePeer(id: $0, peer: "a") } == .done)
    try box.until("the devices are let go") { box.captures.count == 2 }
    #expect(box.captures.last?.camera == nil && box.captures.last?.microphone == false)
    try box.until("the phone is told") { phone.events.contains(.closed(.closed)) }
    #expect(try box.finish() == 0)
  }

  @Test("Nothing is encoded while nobody watches, and the slots come back") func idle() throws {
    let box = try TestBox()
    for number in 0..<20 {
      box.send(frame: .i420(number: number))
      try box.until("a slot comes back") { number == 0 || box.released.count >= number }
    }
    #expect(box.framesLost == 0)
    #expect(try box.counters()["video.encoded"] == 0)
    #expect(try box.finish() == 0)
  }

  @Test("One key frame is made ahead of a viewer; after the last viewer nothing is encoded")
  func ahead() throws {
    let box = try TestBox()
    try box.callTheBox("a")
    // Opened, and not heard of: nobody has answered the offer.
    _ = try box.open("a")
    try box.until("the camera is asked for") { box.captures.last?.camera != nil }
    for number in 0..<3 {
      box.send(frame: .i420(number: number))
      try box.until("the frame is taken") { box.released.count >= number }
    }
    try box.until("a picture is made") { try box.counters()["video.encoded"] == 1 }
    #expect(try box.counters()["video.keyFrames"] == 1)
    _ = try box.request { .closePeer(id: $0, peer: "a") }

    let phone = try box.phone("a")
    let camera = box.loop.every(.milliseconds(33)) { box.send(frame: .i420(number: 3)) }
    try box.until("the first picture") { !phone.pictures.isEmpty }
    camera.cancel()
    #expect(phone.pictures.first?.isKey == true)
    phone.close()
    try box.until("the camera is let go") { box.captures.last?.camera == nil }
    let encoded = try box.counters()["video.encoded"]
    let before = box.released.count
    for number in 1...4 {
      box.send(frame: .i420(number: number))
      try box.until("a slot comes back") { box.released.count >= before + number }
    }
    #expect(try box.counters()["video.encoded"] == encoded)
    #expect(try box.finish() == 0)
  }

  @Test("Wishes for key frames are met, but not more than one in 300 ms") func keyFrames() throws {
    let box = try TestBox()
    box.startDevices()
    try box.callTheBox("a")
    let phone = try box.phone("a")
    try box.until("pictures") { phone.pictures.count > 3 }
    let flood = box.loop.every(.milliseconds(5)) { phone.askForKeyFrame() }
    try box.until("four key frames") { phone.pictures.count { $0.isKey } >= 4 }
    flood.cancel()
    let keys = phone.pictures.filter(\.isKey).map(\.timestamp)
    // 300 ms at 90 kHz, less the time that encoding may take longer for one than for the other.
    #expect(zip(keys.dropFirst(), keys.dropFirst(2)).allSatisfy { $1 &- $0 > 290 * 90 }, "\(keys)")
    #expect(try box.finish() == 0)
  }

  @Test("Any format and size of the camera arrives", arguments: [PixelFormat.i420, .nv12, .yuyv])
  func formats(_ format: PixelFormat) throws {
    func picture(_ number: Int, _ width: Int, _ height: Int) -> TestPicture {
      switch format {
      case .nv12: .nv12(number: number, width: width, height: height)
      case .yuyv: .yuyv(number: number, width: width, height: height)
      case .i420, .mjpeg: .i420(number: number, width: width, height: height)
      }
    }
    let box = try TestBox()
    try box.callTheBox("a")
    let phone = try box.phone("a")
    try box.until("connected") { box.events.contains(.connected(peer: "a")) }
    for (width, height) in [(320, 240), (176, 144), (640, 480)] {
      var number = 0
      let timer = box.loop.every(.milliseconds(20)) {
        box.send(frame: picture(number % 2 * 4, width, height))
        number += 1
      }
      try box.until("a picture of \(width)×\(height)") { phone.pictures.last?.width == width }
      timer.cancel()
      let last = try #require(phone.pictures.last)
      #expect(last.height == height)
      #expect([0, 4].contains { abs(Int(TestPicture.luma(number: $0)) - Int(last.luma)) <= 6 }, "\(last.luma)")
    }
    #expect(try box.finish() == 0)
  }

  @Test("A server that comes back finds its peers, and media has not stopped") func serverRestarts() throws {
    let box = try TestBox()
    box.startDevices()
    try box.callTheBox("a")
    let phone = try box.phone("a")
    try box.until("pictures") { phone.pictures.count > 3 }
    box.server.close()
    let before = phone.pictures.count
    try box.until("pictures without a server") { phone.pictures.count > before + 5 }
    try box.openServerLink()
    #expect(try box.request { .list(id: $0) } == .peers([MediaPeerStatus(peer: "a", connected: true)]))
    phone.close()
    try box.until("the new server is told") { box.events.contains(.closed(peer: "a", reason: "closed")) }
    #expect(try box.finish() == 0)
  }

  @Test("Two phones hear and see each other through the box") func forwards() throws {
    let box = try TestBox()
    box.startDevices()
    let a = try box.phone("a")
    let b = try box.phone("b")
    try box.feed(MediaFeed(audio: [.peer("a")], video: [MediaView(from: .peer("a"))]), to: .peer("b"))
    try box.feed(MediaFeed(video: [MediaView(from: .peer("b"))]), to: .peer("a"))
    a.startTone(1_000)
    try box.until("sound") { b.heard.count > 48_000 / 2 }
    #expect(amplitude(of: 1_000, in: b.heard.suffix(9_600)) > 5_000)
    #expect(a.heard.isEmpty)
    #expect(box.captures.isEmpty, "the box's own devices have no part in it")
    #expect(try box.finish() == 0)
  }

  @Test("The speaker plays also while nobody hears the microphone") func speakerAlone() throws {
    let box = try TestBox()
    box.startDevices()
    try box.feed(MediaFeed(audio: [.peer("a")]), to: .local)
    let phone = try box.phone("a")
    phone.startTone(1_000)
    try box.until("sound at the speaker") { box.heard.count > 25 }
    #expect(amplitude(of: 1_000, in: box.heard.suffix(10).flatMap { $0 }) > 5_000)
    #expect(box.captures.isEmpty)
    #expect(try box.finish() == 0)
  }

  @Test("Garbage of every kind is counted, and the call goes on") func garbage() throws {
    let box = try TestBox()
    box.startDevices()
    try box.callTheBox("a")
    let phone = try box.phone("a")
    try box.until("pictures") { phone.pictures.count > 3 }
    phone.send(raw: [UInt8](repeating: 0x55, count: 100), to: box.port)
    phone.send(raw: [0x80] + [UInt8](repeating: 96, count: 99), to: box.port)
    box.send(rawFrame: [1, 2, 3])
    box.send(rawFrame: [UInt8](repeating: 0xff, count: FrameReady.bytes))
    box.send(rawSound: [1, 2, 3])
    let before = phone.pictures.count
    try box.until("the call goes on") { phone.pictures.count > before + 5 }
    let counters = try box.counters()
    #expect(counters["datagrams.garbage"] == 1)
    #expect(counters["srtp.tampered"] == 1)
    #expect(counters["microphone.refused"] == 1)
    #expect(counters["frames.refused"] == 2)
    #expect(box.framesLost == 0)
    #expect(try box.finish() == 0)
  }

  @Test("A picture that is not what it says is no picture, and no end") func brokenFrame() throws {
    let box = try TestBox()
    try box.callTheBox("a")
    let phone = try box.phone("a")
    try box.until("connected") { box.events.contains(.connected(peer: "a")) }
    var short = TestPicture.i420(number: 1)
    short.bytes.removeLast(100)
    box.send(frame: short)
    box.send(frame: TestPicture(format: .mjpeg, width: 320, height: 240, bytes: [0xff, 0xd8, 1, 2, 3]))
    let timer = box.loop.every(.milliseconds(20)) { box.send(frame: .i420(number: 2)) }
    try box.until("a picture") { !phone.pictures.isEmpty }
    timer.cancel()
    #expect(try box.counters()["video.failed"] ?? 0 >= 1)
    #expect(try box.finish() == 0)
  }

  @Test("Requests that do not fit get a word for code and one for people") func refusals() throws {
    let box = try TestBox()
    func code(_ reply: MediaReply) -> String? { if case .refused(let code, _) = reply { code } else { nil } }
    #expect(code(try box.request { .setAnswer(id: $0, peer: "x", sdp: "") }) == "noSuchPeer")
    _ = try box.request { .openPeer(id: $0, peer: "b", localAddresses: [], shape: MediaShape()) }
    #expect(code(try box.request { .setAnswer(id: $0, peer: "b", sdp: "?") }) == "badDescription")
    _ = try box.phone("a")
    #expect(
      code(try box.request { .openPeer(id: $0, peer: "a", localAddresses: [], shape: MediaShape()) }) == "wrongState")
    #expect(code(try box.request { .setAnswer(id: $0, peer: "a", sdp: "v=0") }) == "wrongState")
    #expect(code(try box.request { .setFeed(id: $0, of: .peer("x"), feed: MediaFeed()) }) == "noSuchPeer")
    #expect(
      code(try box.request { .reshapePeer(id: $0, peer: "b", shape: MediaShape(video: 2), restart: false) })
        == "wrongState")
    #expect(try box.request { .closePeer(id: $0, peer: "x") } == .done)
    #expect(try box.finish() == 0)
  }

  @Test("The process ends with its supervisor") func supervisorGone() throws {
    let box = try TestBox()
    #expect(try box.finish { $0.vanish() } == 1)
  }
}
