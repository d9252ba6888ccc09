/// A window onto an I420 picture. That of a ``Picture`` keeps it alive; any other is valid only as long as the memory that
/// it was made of.
public struct PictureView {
  public let size: Dimensions
  /// The first byte of each plane and the distance of its rows in bytes.
  public let y: UnsafePointer<UInt8>
  public let u: UnsafePointer<UInt8>
  public let v: UnsafePointer<UInt8>
  public let strideY: Int
  public let strideU: Int
  public let strideV: Int
  /// Whose memory it is, where that is known.
  private let owner: Picture?

  /// Planes that a C library owns. The caller vouches for the sizes.
  init(
    size: Dimensions, y: UnsafePointer<UInt8>, u: UnsafePointer<UInt8>, v: UnsafePointer<UInt8>, strideY: Int,
    strideU: Int, strideV: Int, owner: Picture? = nil
  ) {
    self.size = size
    self.y = y
    self.u = u
    self.v = v
    self.strideY = strideY
    self.strideU = strideU
    self.strideV = strideV
    self.owner = owner
  }

  /// The planes one behind the other without padding, as in a slot of the frame ring. Nothing is copied.
  public init(_ bytes: UnsafeRawBufferPointer, width: Int, height: Int) throws(CodecError) {
    let size = Dimensions(width, height)
    guard size.isValid else { throw .tooLarge(size) }
    guard bytes.count >= size.i420Bytes, let base = bytes.baseAddress else {
      throw .tooShort(expected: size.i420Bytes, got: bytes.count)
    }
    let y = base.assumingMemoryBound(to: UInt8.self)
    let u = y + width * height
    self.init(
      size: size, y: y, u: u, v: u + size.chromaWidth * size.chromaHeight, strideY: width,
      strideU: size.chromaWidth, strideV: size.chromaWidth)
  }

  /// The brightness at a pixel; nil outside. For tests and tools: nothing on the frame path asks pixel by pixel.
  public func luma(_ x: Int, _ row: Int) -> UInt8? {
    guard x >= 0, row >= 0, x < size.width, row < size.height else { return nil }
    return y[row * strideY + x]
  }
}

/// An I420 picture in memory of its own, allocated once and written many times.
public final class Picture {
  public let size: Dimensions
  private let memory: UnsafeMutablePointer<UInt8>

  /// A black picture.
  public init(width: Int, height: Int) throws(CodecError) {
    size = Dimensions(width, height)
    guard size.isValid else { throw .tooLarge(size) }
    memory = .allocate(capacity: size.i420Bytes)
    let luma = width * height
    memory.initialize(repeating: 16, count: luma)
    (memory + luma).initialize(repeating: 128, count: size.i420Bytes - luma)
  }

  deinit { memory.deallocate() }

  /// The whole picture, planes one behind the other without padding. Valid as long as the picture is.
  public var bytes: UnsafeMutableRawBufferPointer {
    UnsafeMutableRawBufferPointer(start: memory, count: size.i420Bytes)
  }

  public var view: PictureView {
    let (y, u, v) = planes
    return PictureView(
      size: size, y: UnsafePointer(y), u: UnsafePointer(u), v: UnsafePointer(v), strideY: size.width,
      strideU: size.chromaWidth, strideV: size.chromaWidth, owner: self)
  }

  /// The planes for a library to write into; their strides are the width and half of it, rounded up.
  var planes: (y: UnsafeMutablePointer<UInt8>, u: UnsafeMutablePointer<UInt8>, v: UnsafeMutablePointer<UInt8>) {
    let u = memory + size.width * size.height
    return (memory, u, u + size.chromaWidth * size.chromaHeight)
  }
}
