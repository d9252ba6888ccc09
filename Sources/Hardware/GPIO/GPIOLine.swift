import Glibc
import Linux

/// The owner of a requested line, and of its chip.
final class GPIOLine: Sendable {
  let name: GPIOLineName
  private let chip: GPIOChip
  private let handle: GPIOHandle
  private let calls: GPIOCalls

  init(_ name: GPIOLineName, _ request: GPIORequest, _ calls: GPIOCalls) throws(DeviceError) {
    let chip = try GPIOChip.find(name.chip, calls)
    let offset = try chip.offset(of: name)
    switch uninterrupted({ calls.request(chip.handle, offset, request) }) {
    case .success(let handle): self.handle = handle
    case .failure(let error) where error.code == EBUSY: throw .busy(by: chip.consumer(of: offset))
    case .failure(let error): throw Self.failure(error, name)
    }
    self.name = name
    self.chip = chip
    self.calls = calls
  }

  // The chip closes after it, as version 1 of the library needs.
  deinit { calls.release(handle) }

  /// Readable while an edge waits; of a line requested for edges.
  var descriptor: Int32 { calls.descriptor(handle) }

  /// The oldest edge that waits, nil if none does.
  func nextEdge() throws(DeviceError) -> GPIOEdge? {
    switch uninterrupted({ calls.readEdge(handle) }) {
    case .success(let edge): return edge
    case .failure(let error) where error.code == EAGAIN: return nil
    case .failure(let error): throw Self.failure(error, name)
    }
  }

  func isActive() throws(DeviceError) -> Bool {
    try uninterrupted { calls.isActive(handle) }.mapError { Self.failure($0, name) }.get()
  }

  func setActive(_ active: Bool) throws(DeviceError) {
    try uninterrupted { calls.setActive(handle, active) }.mapError { Self.failure($0, name) }.get()
  }

  private static func failure(_ error: SystemError, _ name: GPIOLineName) -> DeviceError {
    DeviceError(SystemError(error.call, code: error.code, about: "\(name)"), toAllow: GPIOChip.toAllow)
  }
}
