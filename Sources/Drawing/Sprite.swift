/// A shape drawn once and stamped onto pictures: soft at its edges, copied row by row inside.
package struct Sprite {
  package let width: Int
  package let height: Int
  private let luma: Layer
  private let blue: Layer
  private let red: Layer

  /// - Parameter paint: the colour at a pixel and how much of it covers what is below, 0 to 1.
  package init(width: Int, height: Int, _ paint: (_ x: Int, _ y: Int) -> (color: Color, alpha: Double)) {
    let (chromaWidth, chromaHeight) = ((width + 1) / 2, (height + 1) / 2)
    var (y, alpha): ([UInt8], [UInt8]) = ([], [])
    var sums = Array(repeating: (u: 0.0, v: 0.0, alpha: 0.0), count: chromaWidth * chromaHeight)
    for row in 0..<height {
      for column in 0..<width {
        let (color, cover) = paint(column, row)
        y.append(color.y)
        alpha.append(UInt8(min(max(cover, 0), 1) * 255))
        let index = row / 2 * chromaWidth + column / 2
        sums[index].u += Double(color.u) * cover
        sums[index].v += Double(color.v) * cover
        sums[index].alpha += cover
      }
    }
    func mean(_ part: Double, _ alpha: Double) -> UInt8 { alpha > 0 ? UInt8(min(max(part / alpha, 0), 255)) : 128 }
    let chromaAlpha = sums.map { UInt8(min(max($0.alpha / 4, 0), 1) * 255) }
    self.width = width
    self.height = height
    luma = Layer(width: width, values: y, alpha: alpha)
    blue = Layer(width: chromaWidth, values: sums.map { mean($0.u, $0.alpha) }, alpha: chromaAlpha)
    red = Layer(width: chromaWidth, values: sums.map { mean($0.v, $0.alpha) }, alpha: chromaAlpha)
  }

  /// Stamps the shape with its upper left corner at a pixel, moved to an even one: colour has half the resolution.
  package func draw(on canvas: Canvas, x: Int, y: Int) {
    let (x, y) = (x & ~1, y & ~1)
    luma.draw(on: canvas.y, x, y)
    blue.draw(on: canvas.u, x / 2, y / 2)
    red.draw(on: canvas.v, x / 2, y / 2)
  }
}

/// One plane of a sprite, with what is empty left out.
private struct Layer {
  private struct Run {
    var row: Int
    var x: Int
    var range: Range<Int>
    var isOpaque: Bool
  }

  private let values: [UInt8]
  private let alpha: [UInt8]
  private var runs: [Run] = []

  init(width: Int, values: [UInt8], alpha: [UInt8]) {
    self.values = values
    self.alpha = alpha
    var start = 0
    func kind(_ index: Int) -> Int { alpha[index] == 0 ? 0 : alpha[index] == 255 ? 2 : 1 }
    for index in alpha.indices {
      let isLast = index + 1 == alpha.count || (index + 1) % width == 0 || kind(index + 1) != kind(index)
      guard isLast else { continue }
      if kind(index) > 0 {
        runs.append(
          Run(row: start / width, x: start % width, range: start..<index + 1, isOpaque: kind(index) == 2))
      }
      start = index + 1
    }
  }

  func draw(on plane: Plane, _ x: Int, _ y: Int) {
    values.withUnsafeBufferPointer { values in
      alpha.withUnsafeBufferPointer { alpha in
        for run in runs {
          let part = UnsafeBufferPointer(rebasing: values[run.range])
          if run.isOpaque {
            plane.copy(part, x + run.x, y + run.row)
          } else {
            plane.blend(part, alpha: UnsafeBufferPointer(rebasing: alpha[run.range]), x + run.x, y + run.row)
          }
        }
      }
    }
  }
}
