import Glibc
import Links
import Linux
import Synchronization
import Testing

@testable import Hardware

/// A camera with the hands of a test.
protocol CameraUnderTest: AnyObject {
  var camera: any Camera { get }
  func unplug() throws
  /// Puts it back, maybe under another number.
  func plug() throws
  /// So often it is pulled in a row to see what is left behind: fewer times where each takes an emulated processor a second.
  var pulls: Int { get }
}

extension CameraUnderTest {
  var pulls: Int { 100 }
}

/// Something that the contract is for.
struct CameraMaker: Sendable, CustomTestStringConvertible {
  var name: String
  var make: @Sendable () throws -> any CameraUnderTest
  var testDescription: String { name }

  /// The cameras that run everywhere.
  static let everywhere = [
    CameraMaker(name: "simulated") { try SimulatedCameraUnderTest() },
    CameraMaker(name: "V4L2 on a played kernel") { try PlayedCameraUnderTest() },
  ]

  /// Cameras of this machine's kernel, by the paths in FIELDBOX_VM_VIVID and FIELDBOX_VM_CAMERA_NODE. Only for the virtual
  /// machine: they are taken away again and again.
  static let inVirtualMachine: [CameraMaker] = ["FIELDBOX_VM_VIVID", "FIELDBOX_VM_CAMERA_NODE"].compactMap { variable in
    guard let path = getenv(variable).map({ String(cString: $0) }),
      let camera = try? V4L2Finder(calls: .library).find(path, known: nil)
    else { return nil }
    // By its name where its number changes.
    let name = V4L2Bus(camera.identity.bus) == .usb ? camera.identity.card : path
    return CameraMaker(name: name) { try KernelCameraUnderTest(name) }
  }
}

final class SimulatedCameraUnderTest: CameraUnderTest {
  private let board: SimulatedBoard
  var camera: any Camera { board.camera }

  init() throws { board = try SimulatedBoard(SimulatedBoardConfiguration()) }
  func unplug() { board.plug(.camera, in: false) }
  func plug() { board.plug(.camera, in: true) }
}

final class PlayedCameraUnderTest: CameraUnderTest {
  private let kernel: PlayedV4L2
  let camera: any Camera
  private var number = 0
  private var live: PlayedV4L2.Camera {
    var camera = PlayedV4L2.Camera()
    camera.isLive = true
    return camera
  }

  init() throws {
    kernel = try PlayedV4L2()
    camera = try V4L2Camera(.init(), directory: kernel.directory.path, calls: kernel.calls)
    try plug()
  }

  func unplug() { kernel.unplug(number) }
  func plug() throws {
    number += 1
    try kernel.plug(live, at: number)
  }
}

/// A camera of this machine's kernel, which sysfs takes away and brings back.
final class KernelCameraUnderTest: CameraUnderTest {
  let pulls = 50
  let camera: any Camera
  /// What to write where, to take it away and to bring it back.
  private let off: (path: String, text: String)
  private let on: (path: String, text: String)

  init(_ name: String) throws {
    camera = try V4L2Camera(V4L2CameraConfiguration(device: name))
    let node = try V4L2Finder(calls: .library).find(name, known: nil).path
    let number = try #require((DeviceHolder.link(node) ?? node).split(separator: "/").last)
    let device = try #require(Self.resolve("/sys/class/video4linux/\(number)/device"))
    let parts = device.split(separator: "/")
    if device.contains("/usb"), let interface = parts.last, interface.contains(":") {
      // The device above its interface.
      let authorized = "/" + parts.dropLast().joined(separator: "/") + "/authorized"
      off = (authorized, "0")
      on = (authorized, "1")
    } else {
      let driver = try #require(Self.resolve("\(device)/driver"))
      let name = String(try #require(parts.last))
      off = ("\(driver)/unbind", name)
      on = ("\(driver)/bind", name)
    }
  }

  private static func resolve(_ path: String) -> String? {
    guard let resolved = realpath(path, nil) else { return nil }
    defer { free(resolved) }
    return String(cString: resolved)
  }

  func unplug() throws { try Self.put(off) }
  func plug() throws { try Self.put(on) }

  private static func put(_ order: (path: String, text: String)) throws {
    let file = open(order.path, O_WRONLY | O_CLOEXEC)
    guard file >= 0 else { throw SystemError("open", code: errno, about: order.path) }
    defer { Glibc.close(file) }
    guard Glibc.write(file, order.text, order.text.utf8.count) == order.text.utf8.count else {
      throw SystemError("write", code: errno, about: order.path)
    }
  }
}
