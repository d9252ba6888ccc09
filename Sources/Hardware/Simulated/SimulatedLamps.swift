import Glibc
import Linux
import Synchronization

/// A lamp changed its light.
public struct LampChange: Sendable, Equatable {
  public var time: MonotonicTime
  public var lamp: LampName
  /// Nil for off.
  public var color: LampColor?
  public init(time: MonotonicTime, lamp: LampName, color: LampColor?) {
    self.time = time
    self.lamp = lamp
    self.color = color
  }
}

/// What the simulated lamps showed, and when: the latest changes in memory, all of them in a file of JSON lines
/// `{"time":<wall clock, ms>,"microseconds":<monotonic clock>,"lamp":"talk","light":"green"}`, light `off` for none.
public final class LampTimeline: Sendable {
  private static let longest = 4_096
  /// Then the file is renamed to `….previous` and begins anew.
  private static let largestFileBytes = 8_000_000

  private struct State: ~Copyable {
    var changes: [LampChange] = []
    var lights: [LampName: LampColor] = [:]
    var file: RandomAccessFile?
    var fileBytes = 0
  }
  private let state = Mutex(State())
  private let clock: any DeviceClock
  private let path: String?

  init(path: String?, clock: any DeviceClock) {
    self.path = path
    self.clock = clock
  }

  /// The latest changes, oldest first.
  public var changes: [LampChange] { state.withLock { $0.changes } }

  /// What is lit now.
  public var lights: [LampName: LampColor] { state.withLock { $0.lights } }

  func record(_ lamp: LampName, _ color: LampColor?) throws(DeviceError) {
    let failure = state.withLock { state -> DeviceError? in
      guard state.lights[lamp] != color else { return nil }
      state.lights[lamp] = color
      let change = LampChange(time: clock.monotonic(), lamp: lamp, color: color)
      if state.changes.count >= Self.longest { state.changes.removeFirst(Self.longest / 2) }
      state.changes.append(change)
      do throws(DeviceError) {
        try write(change, &state)
        return nil
      } catch {
        return error
      }
    }
    if let failure { throw failure }
  }

  private func write(_ change: LampChange, _ state: inout State) throws(DeviceError) {
    guard let path else { return }
    if state.fileBytes >= Self.largestFileBytes { state.file = nil }
    if state.file == nil {
      rename(path, path + ".previous")
      state.file = try RandomAccessFile(creating: path)
      state.fileBytes = 0
    }
    let light = change.color?.rawValue ?? "off"
    var line =
      "{\"time\":\(clock.wallMicroseconds() / 1_000),\"microseconds\":\(change.time.microseconds),"
      + "\"lamp\":\"\(change.lamp.rawValue)\",\"light\":\"\(light)\"}\n"
    let result = line.withUTF8 { bytes -> Result<Int, DeviceError> in
      do throws(DeviceError) {
        try state.file?.write(UnsafeRawBufferPointer(bytes), at: state.fileBytes)
        return .success(bytes.count)
      } catch {
        return .failure(error)
      }
    }
    state.fileBytes += try result.get()
  }
}

/// One of the three lamps.
public final class SimulatedLamp: Lamp {
  public let name: LampName
  private let timeline: LampTimeline

  init(_ name: LampName, _ timeline: LampTimeline) {
    self.name = name
    self.timeline = timeline
  }

  public func set(_ color: LampColor?) throws(DeviceError) {
    if let color, !name.colors.contains(color) {
      throw .unsupported("the \(name.rawValue) lamp cannot be \(color.rawValue)")
    }
    try timeline.record(name, color)
  }
}
