import Glibc
import Links
import Linux

/// A button pressed by a call. Its contact bounces as often as the configuration says, 1 ms apart.
public final class SimulatedButton: Button {
  private static let recordBytes = 9

  public let name: ButtonName
  public var descriptor: Int32 { reader.number }
  private let reader: Descriptor
  private let writer: Descriptor
  private let bounces: Int
  private let clock: any DeviceClock

  init(_ name: ButtonName, bounces: Int, clock: any DeviceClock) throws(DeviceError) {
    var ends: (Int32, Int32) = (-1, -1)
    let result = withUnsafeMutableBytes(of: &ends) { pipe($0.assumingMemoryBound(to: Int32.self).baseAddress) }
    guard result == 0 else { throw .ioFailure(call: "pipe", errno: errno) }
    self.name = name
    self.bounces = min(max(bounces, 0), 20)
    self.clock = clock
    reader = Descriptor(adopting: ends.0)
    writer = Descriptor(adopting: ends.1)
    do throws(SystemError) {
      try reader.setNonBlocking()
      try writer.setNonBlocking()
    } catch {
      throw .ioFailure(call: error.call, errno: error.code)
    }
  }

  /// Nothing: it listens for as long as it lives.
  public func open() throws(DeviceError) {}
  /// Nothing, likewise.
  public func close() {}

  /// Closes (`down`) or opens the contact. May be called from any thread. Edges that nobody takes are lost after some
  /// thousands.
  func move(down: Bool) {
    let start = clock.monotonic()
    for edge in 0...bounces * 2 {
      // Written whole or not at all, being shorter than the pipe's atomic size.
      withUnsafeTemporaryAllocation(byteCount: Self.recordBytes, alignment: 8) { record in
        var bytes = ByteWriter(PacketView(record))
        bytes.put((start + .milliseconds(Int64(edge))).microseconds)
        bytes.put(UInt8(down == (edge % 2 == 0) ? 1 : 0))
        _ = write(writer.number, record.baseAddress, record.count)
      }
    }
  }

  public func nextEdge() throws(DeviceError) -> ButtonEdge? {
    var code: Int32 = 0
    let edge = withUnsafeTemporaryAllocation(byteCount: Self.recordBytes, alignment: 8) { record -> ButtonEdge? in
      let count = read(reader.number, record.baseAddress, record.count)
      code = count < 0 ? errno : 0
      let view = PacketView(record)
      guard count == Self.recordBytes, let time = view.integer(0, as: Int64.self), let down = view.u8(8) else {
        return nil
      }
      return ButtonEdge(button: name, down: down == 1, time: MonotonicTime(microseconds: time))
    }
    guard code == 0 || code == EAGAIN || code == EINTR else { throw .ioFailure(call: "read", errno: code) }
    return edge
  }
}
