import Linux
import TestSupport
import Testing

@testable import WebRTC

/// The conditions of a bad hotspot, in virtual time.
@Suite struct NarrowWayTests {
  @Test(
    "On a bad air nothing freezes and sound is whole",
    arguments: [
      .init(name: "5 % loss", delay: .milliseconds(5), lostOfThousand: 50, bitsPerSecond: 5_000_000),
      .init(
        name: "10 % loss, 50 ms jitter", delay: .milliseconds(5), jitter: .milliseconds(50), lostOfThousand: 100,
        bitsPerSecond: 5_000_000),
    ] as [NetworkEmulator.Conditions], [1, 2, 3] as [UInt64])
  func badAir(_ conditions: NetworkEmulator.Conditions, _ seed: UInt64) throws {
    let way = try NarrowWay(conditions, seed: seed)
    way.send(for: .seconds(60))
    let figures = try way.run(for: .seconds(60))[0]
    print("\(conditions.name): \(figures); at last \(way.plane.box.localDemand.videoBitsPerSecond / 1_000) kbit/s")
    #expect(figures.longestFreeze < .seconds(1))
    #expect(figures.concealed < 0.02)
    // Loss alone takes nothing of the rate.
    #expect(conditions.jitter > .zero || way.plane.box.localDemand.videoBitsPerSecond > 1_000_000)
  }

  @Test(
    "A link that falls is full again after three seconds and not too full, and after it widens it is used again",
    arguments: [1, 2, 3] as [UInt64])
  func falls(_ seed: UInt64) throws {
    let way = try NarrowWay(.init(name: "2 Mbit/s", delay: .milliseconds(5), bitsPerSecond: 2_000_000), seed: seed)
    way.send(for: .seconds(80))
    print("2 Mbit/s: \(try way.run(for: .seconds(20))[0])")
    way.plane.network.conditions.bitsPerSecond = 300_000
    let fall = try way.run(for: .seconds(3))[0]
    print("300 kbit/s, the first 3 s: \(fall)")
    let after = try way.run(for: .seconds(17))[0]
    print("300 kbit/s: \(after)")
    way.plane.network.conditions.bitsPerSecond = 2_000_000
    let rise = try way.run(for: .seconds(20))[0]
    let risen = try way.run(for: .seconds(20))[0]
    print("2 Mbit/s again: \(rise), then \(risen)")
    #expect(fall.longestFreeze < .seconds(1) && after.longestFreeze < .seconds(1) && rise.longestFreeze < .seconds(1))
    #expect((0.75...1).contains(after.used))
    #expect(fall.concealed < 0.1 && after.concealed < 0.02)
    #expect(risen.used > 0.6)
  }

  @Test("Sound leaves at once while a key frame waits for the way") func soundFirst() throws {
    let way = try NarrowWay(.init(name: "300 kbit/s", delay: .milliseconds(5), bitsPerSecond: 300_000))
    let plane = way.plane
    way.send(for: .seconds(15))
    try plane.run(for: .seconds(15))
    // 40 packets, of which only a few may leave at once.
    let before = plane.network.sent.count
    var frame = [UInt8](repeating: 1, count: 40_000)
    frame[0] = 0x10
    plane.publish(picture: frame)
    let sounds = 8
    plane.every(.milliseconds(20), for: .milliseconds(20 * Int64(sounds))) {
      let packet = PacketBuffer([UInt8](repeating: 7, count: 80))
      plane.box.publish(
        audio: packet.view, timestamp: 1, captured: plane.now, now: plane.now, out: plane.out)
    }
    try plane.run(for: .milliseconds(20 * Int64(sounds) + 1))
    let left = plane.network.sent[before...].filter { $0.from == plane.boxAddress }.map(\.bytes.count)
    #expect(left.count { (100...200).contains($0) } >= sounds, "all of the sound")
    let pictures = left.count { $0 > 1_000 }
    #expect((2...15).contains(pictures), "and little of the picture yet: \(pictures)")
  }

  @Test("A peer that tells of sound alone when it came costs no more time than another, and gets its pictures")
  func tellsOfSoundAlone() throws {
    let way = try NarrowWay(.init(name: "150 kbit/s", delay: .milliseconds(5), bitsPerSecond: 150_000)) { answer in
      var isVideo = false
      return answer.split(separator: "\r\n").filter { line in
        isVideo = isVideo || line.hasPrefix("m=video")
        return !isVideo || !line.contains("transport-")
      }.map { $0 + "\r\n" }.joined()
    }
    way.send(for: .seconds(30))
    _ = try way.run(for: .seconds(30))
    #expect(way.plane.box.members["0"]?.peer.availableBitsPerSecond != nil, "its reports of sound count")
    #expect(way.phones[0].pictures.count > 50)
  }

  @Test("Pictures whose sender says that they are old wait no longer than others, and come all the same")
  func oldPictures() throws {
    let way = try NarrowWay(.init(name: "300 kbit/s", delay: .milliseconds(5), bitsPerSecond: 300_000))
    way.age = .seconds(3)
    way.send(for: .seconds(30))
    _ = try way.run(for: .seconds(10))
    let figures = try way.run(for: .seconds(20))[0]
    #expect(figures.longestFreeze < .seconds(1) && figures.pictures > 500)
  }

  @Test("Two flows on one link get the same, though one was there first", arguments: [1, 2, 3] as [UInt64])
  func fair(_ seed: UInt64) throws {
    let (plane, viewers) = try NarrowWay.twoFlows(
      .init(name: "1.5 Mbit/s", delay: .milliseconds(5), bitsPerSecond: 1_500_000), secondAfter: .seconds(10),
      for: .seconds(100), seed: seed)
    func got() -> [Int] { viewers.map { $0.packets[.video]?.reduce(0) { $0 + $1.payload.count } ?? 0 } }
    try plane.run(for: .seconds(40))
    let (before, carried) = (got(), plane.network.carried)
    try plane.run(for: .seconds(60))
    let rates = zip(got(), before).map { ($0 - $1) * 8 / 60_000 }
    print("two flows: \(rates) kbit/s, link used \((plane.network.carried - carried) * 8 / 60 * 100 / 1_500_000) %")
    // Within a fifth most of the time, as printed; the handshake's random lengths make each run a little different.
    #expect(abs(rates[0] - rates[1]) * 5 < 2 * max(rates[0], rates[1]))
    #expect(rates.reduce(0, +) > 900)
  }
}
