/// One plane of a picture; every write is clipped to it.
package struct Plane {
  package let width: Int
  package let height: Int
  private let base: UnsafeMutablePointer<UInt8>

  fileprivate init(_ base: UnsafeMutablePointer<UInt8>, _ width: Int, _ height: Int) {
    self.base = base
    self.width = width
    self.height = height
  }

  /// Sets `count` values from column `x` on.
  package func fill(_ x: Int, _ row: Int, _ count: Int, _ value: UInt8) {
    guard let (start, _, count) = clip(x, row, count) else { return }
    (base + start).update(repeating: value, count: count)
  }

  /// Copies values to column `x` and on.
  package func copy(_ values: UnsafeBufferPointer<UInt8>, _ x: Int, _ row: Int) {
    guard let (start, skipped, count) = clip(x, row, values.count), let source = values.baseAddress else { return }
    (base + start).update(from: source + skipped, count: count)
  }

  /// Mixes values in, `alpha` 255 covering and 0 leaving what is there.
  package func blend(_ values: UnsafeBufferPointer<UInt8>, alpha: UnsafeBufferPointer<UInt8>, _ x: Int, _ row: Int) {
    guard let (start, skipped, count) = clip(x, row, min(values.count, alpha.count)), let values = values.baseAddress,
      let alpha = alpha.baseAddress
    else { return }
    for i in 0..<count {
      let weight = Int32(alpha[skipped + i])
      let below = Int32(base[start + i])
      base[start + i] = UInt8(truncatingIfNeeded: below + (Int32(values[skipped + i]) - below) * weight / 255)
    }
  }

  /// Where in the plane a run begins, how much of it lies left of the plane, and how much inside.
  private func clip(_ x: Int, _ row: Int, _ count: Int) -> (start: Int, skipped: Int, count: Int)? {
    guard row >= 0, row < height, x < width, x > -count else { return nil }
    let skipped = max(0, -x)
    return (row * width + x + skipped, skipped, min(count - skipped, width - x - skipped))
  }
}

/// An I420 picture without padding in memory of the caller, to draw on. Valid as long as that memory.
package struct Canvas {
  package let y: Plane
  package let u: Plane
  package let v: Plane
  package var width: Int { y.width }
  package var height: Int { y.height }

  package static func bytes(width: Int, height: Int) -> Int {
    width * height + 2 * ((width + 1) / 2) * ((height + 1) / 2)
  }

  /// Nil if the memory does not hold such a picture.
  package init?(_ memory: UnsafeMutableRawBufferPointer, width: Int, height: Int) {
    guard width > 0, height > 0, width <= 8_192, height <= 8_192,
      memory.count >= Self.bytes(width: width, height: height),
      let base = memory.baseAddress?.assumingMemoryBound(to: UInt8.self)
    else { return nil }
    let (chromaWidth, chromaHeight) = ((width + 1) / 2, (height + 1) / 2)
    y = Plane(base, width, height)
    u = Plane(base + width * height, chromaWidth, chromaHeight)
    v = Plane(base + width * height + chromaWidth * chromaHeight, chromaWidth, chromaHeight)
  }
}
