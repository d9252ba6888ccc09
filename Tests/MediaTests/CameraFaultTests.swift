import Links
import Linux
import TestPeers
import TestSupport
import Testing

@testable import Media

/// What viewers see while there is no picture of the camera.
@Suite struct CameraFaultTests {
  private func watching() throws -> (TestBox, PhoneMedia) {
    let box = try TestBox()
    box.startDevices()
    try box.callTheBox("a")
    let phone = try box.phone("a")
    try box.until("pictures") { phone.pictures.count > 5 }
    return (box, phone)
  }

  /// The brightness of test pictures is never that of the dark behind the words.
  private static func isFault(_ picture: PhoneMedia.Picture) -> Bool { picture.width == 640 || picture.luma < 36 }

  @Test("An unplugged camera is named at once, and its picture returns with a key frame") func unplugged() throws {
    let (box, phone) = try watching()
    box.picture = nil
    box.control.send(.camera(nil, fault: "camera unplugged"))
    var before = phone.pictures.count
    try box.until("pictures of the fault") { try box.counters()["video.faultPictures"] ?? 0 >= 3 }
    #expect(phone.pictures.count >= before + 2)
    // It came as a key frame: nothing of the picture before is of use.
    #expect(phone.pictures[before...].prefix(3).contains { $0.isKey })
    before = phone.pictures.count
    let faults = try box.counters()["video.faultPictures"] ?? 0
    box.picture = { .i420(number: $0) }
    box.control.send(.camera(CameraMode(width: 320, height: 240, framesPerSecond: 30), fault: nil))
    try box.until("the camera's pictures") { phone.pictures.count > before + 5 }
    #expect(phone.pictures[before...].prefix(3).contains { $0.isKey })
    #expect(try box.counters()["video.faultPictures"] ?? 0 <= faults + 1)
    #expect(try box.counters()["video.failed"] == 0)
    #expect(zip(phone.pictures, phone.pictures.dropFirst()).allSatisfy { $1.timestamp &- $0.timestamp < 1 << 31 })
    #expect(try box.finish() == 0)
  }

  @Test("Who begins to watch a camera that is gone sees that at once") func beginning() throws {
    let box = try TestBox()
    box.control.send(.camera(nil, fault: "camera unplugged"))
    try box.callTheBox("a")
    let start = MonotonicTime.now()
    let phone = try box.phone("a")
    try box.until("a picture") { !phone.pictures.isEmpty }
    #expect(MonotonicTime.now() - start < .milliseconds(1_500))
    #expect(phone.pictures.first?.isKey == true)
    #expect(phone.pictures.first?.width == 640)
    #expect(try box.finish() == 0)
  }

  @Test("A camera that stops without a word is named after a while, and healed by its next picture")
  func silent() throws {
    let (box, phone) = try watching()
    box.picture = nil
    try box.until("a picture of the fault") { try box.counters()["video.faultPictures"] ?? 0 >= 1 }
    let before = phone.pictures.count
    box.picture = { .i420(number: $0) }
    try box.until("the camera's pictures") { phone.pictures.count > before + 5 }
    let faults = try box.counters()["video.faultPictures"]
    try box.until("more") { phone.pictures.count > before + 30 }
    #expect(try box.counters()["video.faultPictures"] == faults)
    #expect(try box.finish() == 0)
  }

  @Test("Single damaged JPEGs are passed over and counted; nothing else for two seconds is a fault")
  func damaged() throws {
    let (box, phone) = try watching()
    let broken = TestPicture(format: .mjpeg, width: 320, height: 240, bytes: [0xFF, 0xD8, 1, 2, 3])
    box.picture = { $0 % 3 == 0 ? broken : .i420(number: $0) }
    var before = phone.pictures.count
    try box.until("pictures between damaged ones") { phone.pictures.count > before + 40 }
    #expect(try box.counters()["video.failed"] ?? 0 >= 10)
    #expect(try box.counters()["video.faultPictures"] == 0)
    box.picture = { _ in broken }
    try box.until("a picture of the fault") { try box.counters()["video.faultPictures"] ?? 0 >= 2 }
    before = phone.pictures.count
    box.picture = { .i420(number: $0) }
    try box.until("the camera's pictures") { phone.pictures.count > before + 5 }
    #expect(box.framesLost == 0)
    #expect(try box.finish() == 0)
  }

  @Test("After the last viewer no fault is drawn") func nobody() throws {
    let (box, phone) = try watching()
    box.picture = nil
    box.control.send(.camera(nil, fault: "camera unplugged"))
    try box.until("a picture of the fault") { try box.counters()["video.faultPictures"] ?? 0 >= 1 }
    phone.close()
    try box.until("the camera is let go") { box.captures.last?.camera == nil }
    let encoded = try box.counters()["video.encoded"]
    let end = MonotonicTime.now() + .milliseconds(1_200)
    while MonotonicTime.now() < end { box.loop.turn(atMost: .milliseconds(100)) }
    #expect(try box.counters()["video.encoded"] == encoded)
    #expect(try box.finish() == 0)
  }
}

@Suite struct CameraHealthTests {
  private let start = MonotonicTime(microseconds: 1_000_000_000)

  @Test func wordsHoldUntilThereIsAPicture() {
    var health = CameraHealth()
    health.wasGood(captured: start)
    health.tell("camera unplugged", now: start + .milliseconds(30))
    #expect(health.fault(now: start + .milliseconds(31)) == "camera unplugged")
    // On its way when the plug was pulled.
    health.wasGood(captured: start + .milliseconds(20))
    #expect(health.fault(now: start + .milliseconds(32)) == "camera unplugged")
    health.tell("camera unplugged", now: start + .seconds(9))
    health.wasGood(captured: start + .seconds(10))
    #expect(health.fault(now: start + .seconds(10)) == nil)
    health.tell(nil, now: start + .seconds(11))
    #expect(health.fault(now: start + .seconds(60)) == nil)
  }

  @Test func silenceAndDamageAreFaultsOnlyOfWhatIsWatched() {
    var health = CameraHealth()
    health.frameCame(now: start)
    health.wasGood(captured: start)
    #expect(health.fault(now: start + .seconds(100)) == nil)
    health.watch(true, now: start + .seconds(100))
    #expect(health.fault(now: start + .milliseconds(101_999)) == nil)
    #expect(health.fault(now: start + .seconds(102)) == "no pictures from the camera")
    health.watch(true, now: start + .seconds(101))
    for frame in 0..<30 as Range<Int64> { health.frameCame(now: start + .seconds(102) + .milliseconds(frame * 33)) }
    #expect(health.fault(now: start + .seconds(103)) == "camera pictures damaged")
    #expect(health.fault(now: start + .seconds(106)) == "no pictures from the camera")
    health.watch(false, now: start + .seconds(107))
    #expect(health.fault(now: start + .seconds(108)) == nil)
  }

  @Test func agesKeepTheLast() {
    var ages = Ages(capacity: 100)
    #expect(ages.microseconds(0.5) == 0)
    for age in 0..<150 as Range<Int64> { ages.add(.microseconds(age)) }
    #expect(ages.microseconds(0) == 50)
    #expect(ages.microseconds(0.5) == 100)
    #expect(ages.microseconds(0.99) == 149)
    #expect(ages.microseconds(1) == 149)
    ages.add(.seconds(-1))
    #expect(ages.microseconds(0) == 0)
  }
}
