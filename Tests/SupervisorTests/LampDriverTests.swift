import Hardware
import Linux
import Synchronization
import Testing

@testable import Supervisor

@Suite struct LampDriverTests {
  /// A lamp that may be unplugged.
  private final class PlugLamp: Lamp {
    let name = LampName.status
    let plugged = Mutex(true)
    let shown = Mutex<LampColor?>(nil)

    func set(_ color: LampColor?) throws(DeviceError) {
      guard plugged.withLock({ $0 }) else { throw .gone }
      shown.withLock { $0 = color }
    }
  }

  @Test func aLampThatIsBackShinesAgainThoughNothingChanges() throws {
    let loop = try EventLoop()
    let lamp = PlugLamp()
    var changes = 0
    let driver = LampDriver([lamp], on: loop) { changes += 1 }
    lamp.plugged.withLock { $0 = false }
    driver.show(.ready, behind: .ready, captured: false)
    #expect(driver.failing == [.status: .gone])
    #expect(changes == 1)
    lamp.plugged.withLock { $0 = true }
    #expect(CaptureTests.turn(loop) { lamp.shown.withLock { $0 } == .blue })
    #expect(driver.failing == [:])
    #expect(changes == 2)
  }
}
