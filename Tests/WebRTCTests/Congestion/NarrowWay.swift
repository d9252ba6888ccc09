import Linux
import TestSupport

@testable import WebRTC

/// The box's camera and microphone on their way to phones over one link with a queue of 200 ms: the camera's encoder follows what it is
/// told, as the real one does.
final class NarrowWay {
  /// What came of it for one phone.
  struct Figures: CustomStringConvertible {
    var longestFreeze: Interval
    /// Of the sound, 0 to 1: packets that neither came nor can be read from the next.
    var concealed: Double
    /// Of the link, 0 to 1.
    var used: Double
    var pictures: Int
    var description: String {
      "longest freeze \(longestFreeze.milliseconds) ms, concealed \((concealed * 10_000).rounded() / 100) %, "
        + "link used \((used * 100).rounded()) %, \(pictures) pictures"
    }
  }

  let plane: TestPlane
  let phones: [TestPhone]
  /// How long ago each picture was captured when it leaves.
  var age = Interval.zero
  private var film = 0
  private var sounds = 0
  private var random: SeededGenerator

  init(
    _ conditions: NetworkEmulator.Conditions, phones count: Int = 1, seed: UInt64 = 1, edit: (String) -> String = { $0 }
  ) throws {
    plane = try TestPlane(conditions, seed: seed)
    random = SeededGenerator(seed: seed)
    plane.network.conditions.limited = plane.boxAddress
    phones = try (0..<count).map { [plane] in try plane.call("\($0)", edit: edit) }
    try plane.route((0..<count).map { .from(.local, to: .peer("\($0)")) })
    try plane.run(for: .seconds(1))
  }

  /// Sends for so long.
  func send(for length: Interval) {
    plane.every(.microseconds(33_333), for: length) { [self] in publishPicture() }
    plane.every(.milliseconds(20), for: length) { [self] in publishSound() }
  }

  private func publishPicture() {
    let demand = plane.box.localDemand
    guard demand.encoder, demand.videoBitsPerSecond != .max else { return }
    let isKey = demand.keyFrame || film == 0
    // As an encoder at a constant rate: uneven by a third, key frames several times as long.
    let mean = max(200, demand.videoBitsPerSecond / 8 / 30)
    let bytes = isKey ? min(40_000, mean * 5) : Int.random(in: mean * 2 / 3...mean * 4 / 3, using: &random)
    var picture = [UInt8](repeating: UInt8(truncatingIfNeeded: film), count: bytes)
    picture[0] = isKey ? 0x10 : 0x11
    let frame = PacketBuffer(picture)
    plane.box.publish(
      video: frame.view, isKeyFrame: isKey, captured: plane.now - age, now: plane.now, out: plane.out)
    film += 1
  }

  private func publishSound() {
    let packet = PacketBuffer([UInt8](repeating: 7, count: 80))
    plane.box.publish(
      audio: packet.view, timestamp: UInt32(truncatingIfNeeded: sounds * 960), captured: plane.now, now: plane.now,
      out: plane.out)
    sounds += 1
  }

  /// Two phones send a picture each to one viewer each, by what the box tells them to; the second begins later. Both viewers are
  /// behind the same link.
  static func twoFlows(
    _ conditions: NetworkEmulator.Conditions, secondAfter: Interval, for length: Interval, seed: UInt64
  )
    throws -> (plane: TestPlane, viewers: [TestPhone])
  {
    let plane = try TestPlane(conditions, seed: seed)
    plane.network.conditions.limited = plane.boxAddress
    let senders = try ["a", "b"].map { try plane.call($0) }
    let viewers = try ["c", "d"].map { try plane.call($0) }
    try plane.route([.from(.peer("a"), to: .peer("c")), .from(.peer("b"), to: .peer("d"))])
    try plane.run(for: .seconds(1))
    for (sender, viewer) in zip(senders, viewers) {
      let begins = sender === senders[0] ? Interval.zero : secondAfter
      var keyFrames = -1
      plane.every(.microseconds(33_333), for: length) { [unowned plane] in
        guard plane.now - sender.events[0].at > begins + .seconds(1) else { return }
        let isKey = sender.keyFramesAsked > keyFrames
        keyFrames = sender.keyFramesAsked
        let mean = max(200, min(sender.peer.targetBitsPerSecond, 2_000_000) / 8 / 30)
        var picture = [UInt8](repeating: 1, count: isKey ? mean * 3 : mean)
        picture[0] = isKey ? 0x10 : 0x11
        sender.send(picture: picture, now: plane.now)
      }
      _ = viewer
    }
    return (plane, viewers)
  }

  /// Runs, and tells how it was meanwhile.
  func run(for length: Interval) throws -> [Figures] {
    let start = plane.now
    let pictures = phones.map(\.pictureTimes.count)
    let sounds = phones.map { $0.packets[.audio]?.count ?? 0 }
    let carried = plane.network.carried
    try plane.run(for: length)
    let width = Double(plane.network.conditions.bitsPerSecond ?? .max)
    let used = Double(plane.network.carried - carried) * 8 / width / length.seconds
    return phones.indices.map { phone in
      var times = [start] + phones[phone].pictureTimes[pictures[phone]...] + [plane.now]
      if pictures[phone] > 0 { times[0] = phones[phone].pictureTimes[pictures[phone] - 1] }
      let freeze = zip(times, times.dropFirst()).map { $1 - $0 }.max() ?? length
      return Figures(
        longestFreeze: freeze, concealed: concealed(phones[phone], since: sounds[phone]), used: used,
        pictures: times.count - 2)
    }
  }

  private func concealed(_ phone: TestPhone, since: Int) -> Double {
    let came = (phone.packets[.audio] ?? []).dropFirst(since).map(\.sequence)
    guard let first = came.first else { return 1 }
    let places = Set(came.map { Int($0 &- first) }.filter { $0 < 32_768 })
    let all = (places.max() ?? 0) + 1
    let missing = (0..<all).filter { !places.contains($0) && !places.contains($0 + 1) }
    return Double(missing.count) / Double(all)
  }
}
