import Glibc
import Links
import Linux
import Synchronization
import Testing

@testable import Hardware

@Suite struct PlugTests {
  /// The three devices behind one face.
  private struct Device: Sendable, CustomTestStringConvertible {
    let name: DeviceName
    let open: @Sendable (SimulatedBoard) throws(DeviceError) -> Void
    /// The call that blocks.
    let use: @Sendable (SimulatedBoard) throws(DeviceError) -> Void
    let close: @Sendable (SimulatedBoard) -> Void
    var testDescription: String { name.rawValue }
  }

  private static let devices = [
    Device(
      name: .camera,
      open: { board throws(DeviceError) in
        _ = try board.camera.open(CameraMode(width: 160, height: 120, framesPerSecond: 30))
      },
      use: { board throws(DeviceError) in
        let memory = Memory(28_800)
        _ = try board.camera.nextFrame(into: memory.bytes, timeoutMilliseconds: 1_000_000)
        withExtendedLifetime(memory) {}
      }, close: { $0.camera.close() }),
    Device(
      name: .microphone, open: { board throws(DeviceError) in try board.microphone.open() },
      use: { board throws(DeviceError) in
        let memory = block()
        _ = try board.microphone.read(into: memory.samples)
        withExtendedLifetime(memory) {}
      },
      close: { $0.microphone.close() }),
    Device(
      name: .speaker, open: { board throws(DeviceError) in try board.speaker.open() },
      use: { board throws(DeviceError) in
        let memory = block()
        _ = try board.speaker.write(UnsafeBufferPointer(memory.samples))
        withExtendedLifetime(memory) {}
      },
      close: { $0.speaker.close() }),
  ]

  private final class Outcome: Sendable {
    let error = Mutex<DeviceError?>(nil)
  }

  /// Uses a device until the call blocks, and gives what ended it.
  private func untilItBlocks(
    _ device: Device, _ clock: FrozenClock, _ board: SimulatedBoard, then act: () -> Void
  ) throws -> DeviceError? {
    try device.open(board)
    let end = Outcome()
    let thread = try Worker(name: "device") {
      do throws(DeviceError) {
        for _ in 0..<10 { try device.use(board) }
      } catch {
        end.error.withLock { $0 = error }
      }
    }
    clock.waitForSleeper()
    act()
    thread.join()
    return end.error.withLock { $0 }
  }

  @Test(arguments: devices) private func closingEndsTheCallInFlight(_ device: Device) throws {
    let clock = FrozenClock()
    let board = try SimulatedBoard(SimulatedBoardConfiguration(), clock: clock)
    #expect(try untilItBlocks(device, clock, board) { device.close(board) } == .closed)
    #expect(throws: DeviceError.closed) { try device.use(board) }
  }

  @Test(arguments: devices) private func unpluggingEndsTheCallInFlight(_ device: Device) throws {
    let clock = FrozenClock()
    let board = try SimulatedBoard(SimulatedBoardConfiguration(), clock: clock)
    #expect(board.isPluggedIn(device.name))
    #expect(try untilItBlocks(device, clock, board) { board.plug(device.name, in: false) } == .gone)
    #expect(!board.isPluggedIn(device.name))
    for other in DeviceName.allCases where other != device.name { #expect(board.isPluggedIn(other)) }
  }

  @Test(arguments: devices) private func openingFailsUntilItIsBack(_ device: Device) throws {
    let board = try SimulatedBoard(SimulatedBoardConfiguration(), clock: VirtualClock())
    try device.open(board)
    try device.use(board)
    board.plug(device.name, in: false)
    #expect(throws: DeviceError.gone) { try device.use(board) }
    device.close(board)
    #expect(throws: DeviceError.gone) { try device.open(board) }
    board.plug(device.name, in: true)
    try device.open(board)
    try device.use(board)
  }

  @Test(arguments: devices) private func aStreamThatBrokeStaysBrokenAfterReplugging(_ device: Device) throws {
    let board = try SimulatedBoard(SimulatedBoardConfiguration(), clock: VirtualClock())
    try device.open(board)
    board.plug(device.name, in: false)
    board.plug(device.name, in: true)
    #expect(throws: DeviceError.gone) { try device.use(board) }
    device.close(board)
    try device.open(board)
    try device.use(board)
  }

  @Test(arguments: devices) private func oneOpeningAtATime(_ device: Device) throws {
    let board = try SimulatedBoard(SimulatedBoardConfiguration(), clock: VirtualClock())
    #expect(throws: DeviceError.closed) { try device.use(board) }
    try device.open(board)
    #expect(throws: DeviceError.busy(by: nil)) { try device.open(board) }
    try device.use(board)
  }

  @Test func errorsAreInWords() {
    #expect("\(DeviceError.gone)" == "unplugged")
    #expect("\(DeviceError.busy(by: "motion"))" == "in use by motion")
    #expect("\(DeviceError.ioFailure(call: "VIDIOC_DQBUF", errno: ENODEV))" == "VIDIOC_DQBUF: No such device")
  }
}
