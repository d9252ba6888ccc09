import CV4L2
import Glibc
import Linux

/// The memory that a driver fills and we look into; the one owner of its mappings.
final class V4L2Buffers {
  /// Enough for a thread that comes late by two pictures, and little enough to be spared by small boards.
  static let wanted: UInt32 = 4

  private let device: V4L2Device
  private var mappings: [UnsafeMutableRawBufferPointer] = []

  var count: Int { mappings.count }

  init(_ device: V4L2Device) throws(DeviceError) {
    self.device = device
    var request = v4l2_requestbuffers()
    request.count = Self.wanted
    request.type = V4L2_BUF_TYPE_VIDEO_CAPTURE.rawValue
    request.memory = V4L2_MEMORY_MMAP.rawValue
    try device.request(.requestBuffers, &request)
    guard (2...32).contains(request.count) else {
      throw .unsupported("the driver has \(request.count) buffers, at least 2 expected")
    }
    for index in 0..<request.count {
      var buffer = Self.buffer(index)
      try device.request(.queryBuffer, &buffer)
      switch device.calls.map(device.descriptor, Int(buffer.length), buffer.m.offset) {
      case .success(let start): mappings.append(.init(start: start, count: Int(buffer.length)))
      case .failure(let error): throw device.error("mmap", error.code)
      }
    }
  }

  deinit {
    for mapping in mappings { if let start = mapping.baseAddress { device.calls.unmap(start, mapping.count) } }
    // Frees the driver's memory, so that another format can be set on the same descriptor.
    var request = v4l2_requestbuffers()
    request.type = V4L2_BUF_TYPE_VIDEO_CAPTURE.rawValue
    request.memory = V4L2_MEMORY_MMAP.rawValue
    _ = device.attempt(.requestBuffers, &request)
  }

  static func buffer(_ index: UInt32 = 0) -> v4l2_buffer {
    var buffer = v4l2_buffer()
    buffer.index = index
    buffer.type = V4L2_BUF_TYPE_VIDEO_CAPTURE.rawValue
    buffer.memory = V4L2_MEMORY_MMAP.rawValue
    return buffer
  }

  /// What the driver has written; nil for a buffer or a length that does not exist.
  func bytes(_ buffer: v4l2_buffer) -> UnsafeRawBufferPointer? {
    let (index, used) = (Int(buffer.index), Int(buffer.bytesused))
    guard index < mappings.count, used <= mappings[index].count else { return nil }
    return UnsafeRawBufferPointer(rebasing: mappings[index][..<used])
  }

  /// Gives a buffer to the driver, to be filled.
  func queue(_ index: UInt32) throws(DeviceError) {
    var buffer = Self.buffer(index)
    try device.request(.queue, &buffer)
  }

  /// The oldest filled buffer; nil if none waits.
  func dequeue() throws(DeviceError) -> v4l2_buffer? {
    var buffer = Self.buffer()
    switch device.attempt(.dequeue, &buffer) {
    case 0:
      guard Int(buffer.index) < mappings.count else {
        throw .unsupported("the driver filled buffer \(buffer.index) of \(mappings.count)")
      }
      return buffer
    case EAGAIN: return nil
    case let code: throw device.error(V4L2Request.dequeue.rawValue, code)
    }
  }
}
