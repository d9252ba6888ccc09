import CV4L2
import Glibc
import Links
import Linux
import Testing

@testable import Hardware

/// Which camera is found, and found again.
@Suite struct V4L2FinderTests {
  private let kernel: PlayedV4L2
  private var finder: V4L2Finder { V4L2Finder(directory: kernel.directory.path, calls: kernel.calls) }
  private let inside = PlayedV4L2.Camera(card: "vivid", bus: "platform:vivid-000", driver: "vivid")

  init() throws { kernel = try PlayedV4L2() }

  private func found(_ wanted: String = "auto", known: V4L2Identity? = nil) throws -> String {
    String(try finder.find(wanted, known: known).path.dropFirst(kernel.directory.path.count + 1))
  }

  @Test func withoutAnyThereIsNone() {
    #expect(throws: DeviceError.gone) { try found() }
    #expect(throws: DeviceError.missing("usb-x is not there, nor any other")) { try found("usb-x") }
  }

  @Test func theFirstAtUSBIsTaken() throws {
    try kernel.plug(inside, at: 0)
    #expect(try found() == "video0")
    try kernel.plug(at: 10)
    try kernel.plug(.init(card: "Other", bus: "usb-2"), at: 2)
    #expect(try found() == "video2")
  }

  @Test(arguments: [
    UInt32(V4L2_CAP_META_CAPTURE) | UInt32(V4L2_CAP_STREAMING),
    UInt32(V4L2_CAP_VIDEO_CAPTURE),
    UInt32(V4L2_CAP_VIDEO_M2M) | UInt32(V4L2_CAP_VIDEO_CAPTURE) | UInt32(V4L2_CAP_STREAMING),
    UInt32(V4L2_CAP_VIDEO_OUTPUT) | UInt32(V4L2_CAP_STREAMING), 0,
  ]) func nodesThatAreNoCameraArePassedOver(_ capabilities: UInt32) throws {
    try kernel.plug(.init(capabilities: capabilities), at: 0)
    #expect(throws: DeviceError.gone) { try found() }
    #expect(throws: DeviceError.unsupported("\(kernel.path(0)) is no camera")) { try found(kernel.path(0)) }
    try kernel.plug(at: 1)
    #expect(try found() == "video1")
  }

  @Test func partsOfAPipelineAreTakenOnlyByName() throws {
    try kernel.plug(.init(card: "bcm2835-isp", bus: "platform:bcm2835-isp", driver: "bcm2835-isp"), at: 13)
    #expect(throws: DeviceError.gone) { try found() }
    #expect(try found("bcm2835-isp") == "video13")
    #expect(try found(kernel.path(13)) == "video13")
  }

  @Test func namesOfAllKindsAreFound() throws {
    try kernel.plug(at: 0)
    try kernel.plug(
      .init(card: "HD Webcam", bus: "usb-3"), at: 4, id: "usb-HD_Webcam-index0", place: "pci-usb-0:3:1.0-index0")
    #expect(try found(kernel.path(4)) == "video4")
    #expect(try found("HD Webcam") == "video4")
    #expect(try found("usb-HD_Webcam-index0") == "v4l/by-id/usb-HD_Webcam-index0")
    #expect(try found("pci-usb-0:3:1.0-index0") == "v4l/by-path/pci-usb-0:3:1.0-index0")
    let there = "Played Camera at \(kernel.path(0)), HD Webcam at \(kernel.path(4))"
    #expect(throws: DeviceError.missing("HD is not there; there is \(there)")) { try found("HD") }
  }

  @Test func theSameIsFoundUnderAnotherNumber() throws {
    try kernel.plug(.init(bus: "usb-1"), at: 0, id: "usb-A")
    try kernel.plug(.init(bus: "usb-2"), at: 2, id: "usb-B")
    let known = try finder.find("usb-B", known: nil).identity
    #expect(known == V4L2Identity(card: "Played Camera", bus: "usb-2", id: "usb-B"))
    kernel.unplug(2)
    // The other one of the same make is not the same camera, but `auto` may take it.
    #expect(throws: DeviceError.gone) { try found("usb-B", known: known) }
    #expect(try found(known: known) == "video0")
    try kernel.plug(.init(bus: "usb-7"), at: 5, id: "usb-B")
    #expect(try found("usb-B", known: known) == "v4l/by-id/usb-B")
    #expect(try found(known: known) == "video5")
    #expect(try found(kernel.path(2), known: known) == "video5")
  }

  @Test func withoutASerialNumberThePlaceCounts() throws {
    try kernel.plug(.init(bus: "usb-1"), at: 0)
    try kernel.plug(.init(bus: "usb-2"), at: 1)
    let known = try finder.find(kernel.path(1), known: nil).identity
    kernel.unplug(0)
    kernel.unplug(1)
    #expect(throws: DeviceError.gone) { try found(kernel.path(1), known: known) }
    try kernel.plug(.init(bus: "usb-1"), at: 1)
    try kernel.plug(.init(bus: "usb-2"), at: 0)
    #expect(try found(known: known) == "video0")
    try kernel.plug(.init(bus: "usb-9"), at: 1)
    kernel.unplug(0)
    // Put into another socket.
    #expect(try found(known: known) == "video1")
    try kernel.plug(.init(card: "Another", bus: "usb-2"), at: 1)
    #expect(try found(known: known) == "video1")
  }

  @Test func whatMayNotBeOpenedIsSaid() throws {
    try kernel.plug(at: 0)
    kernel.failOpen(EACCES)
    do {
      _ = try found()
      Issue.record("found")
    } catch DeviceError.denied(let words) {
      #expect(words.hasSuffix("the user must be in the group video"))
    }
    kernel.failOpen(EACCES)
    try kernel.plug(at: 1)
    #expect(try found() == "video1")
  }

  @Test func aCameraThatComesBackElsewhereIsOpenedAgain() throws {
    try kernel.plug(.init(bus: "usb-1"), at: 0)
    let camera = try V4L2Camera(.init(device: kernel.path(0)), directory: kernel.directory.path, calls: kernel.calls)
    let mode = CameraMode(width: 640, height: 480, framesPerSecond: 30)
    let memory = Memory(try camera.open(mode).largestFrameBytes)
    defer { withExtendedLifetime(memory) {} }
    kernel.happen(.picture(1), .unplug)
    _ = try camera.nextFrame(into: memory.bytes, timeoutMilliseconds: 100)
    #expect(throws: DeviceError.gone) { try camera.nextFrame(into: memory.bytes, timeoutMilliseconds: 100) }
    camera.close()
    kernel.unplug(0)
    #expect(throws: DeviceError.gone) { _ = try camera.open(mode) }
    try kernel.plug(.init(bus: "usb-1"), at: 3)
    _ = try camera.open(mode)
    kernel.happen(.picture(2))
    _ = try camera.nextFrame(into: memory.bytes, timeoutMilliseconds: 100)
    #expect(memory.bytes[0] == 2)
  }

  @Test func theHolderOfANodeIsNamed() throws {
    // Nobody has it but us, and we are no answer.
    let path = kernel.path(9)
    try write([1], to: path)
    let own = open(path, O_RDONLY)
    defer { close(own) }
    #expect(DeviceHolder.name(of: path) == nil)
    #expect(DeviceHolder.name(of: "/nowhere") == nil)
    #expect(DeviceHolder.link("/proc/self/fd/\(own)")?.hasSuffix("video9") == true)
  }
}
