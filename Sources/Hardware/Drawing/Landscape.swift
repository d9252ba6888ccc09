import Drawing
import Glibc

/// The part of the scene that never moves: sky, three ranges of hills and a meadow. Drawn once, copied for each picture.
struct Landscape {
  private let pixels: [UInt8]

  /// Nil for a size that has no picture.
  init?(width: Int, height: Int) {
    let count = Canvas.bytes(width: width, height: height)
    var isDrawn = false
    pixels = [UInt8](unsafeUninitializedCapacity: max(0, count)) { memory, used in
      guard let canvas = Canvas(UnsafeMutableRawBufferPointer(memory), width: width, height: height) else { return }
      Self.draw(on: canvas)
      used = count
      isDrawn = true
    }
    guard isDrawn else { return nil }
  }

  /// Copies the landscape to the start of `memory`, as far as it goes.
  func copy(to memory: UnsafeMutableRawBufferPointer) {
    pixels.withUnsafeBytes { source in
      memory.copyMemory(from: UnsafeRawBufferPointer(rebasing: source[..<min(source.count, memory.count)]))
    }
  }

  private static func draw(on canvas: Canvas) {
    sky(on: canvas)
    hills(
      on: canvas, base: 0.50, swing: 0.075, waves: (1.1, 2.7, 0.4), Color(0.56, 0.66, 0.78), Color(0.70, 0.76, 0.80))
    hills(
      on: canvas, base: 0.56, swing: 0.050, waves: (1.7, 4.1, 2.1), Color(0.34, 0.49, 0.52), Color(0.45, 0.58, 0.52))
    hills(
      on: canvas, base: 0.64, swing: 0.025, waves: (0.9, 3.3, 4.0), Color(0.30, 0.50, 0.28), Color(0.14, 0.29, 0.15))
  }

  private static func sky(on canvas: Canvas) {
    let (top, horizon) = (Color(0.17, 0.42, 0.74), Color(0.97, 0.88, 0.72))
    for row in 0..<canvas.height {
      let color = top.mixed(with: horizon, Double(row) / (Double(canvas.height) * 0.62))
      canvas.y.fill(0, row, canvas.width, color.y)
      guard row % 2 == 0 else { continue }
      canvas.u.fill(0, row / 2, canvas.u.width, color.u)
      canvas.v.fill(0, row / 2, canvas.v.width, color.v)
    }
  }

  /// Fills everything below a wavy ridge, from one colour at its top to another at the lower edge of the picture.
  private static func hills(
    on canvas: Canvas, base: Double, swing: Double, waves: (first: Double, second: Double, phase: Double), _ top: Color,
    _ bottom: Color
  ) {
    let height = Double(canvas.height)
    let ridge = (0..<canvas.width).map { x in
      let at = Double(x) / Double(canvas.width) * 2 * Double.pi
      let wave = sin(at * waves.first + waves.phase) * 0.7 + sin(at * waves.second + waves.phase * 2) * 0.3
      return height * (base - swing * wave)
    }
    let highest = max(0, Int(height * (base - swing)) - 1)
    let lowest = min(canvas.height, Int(height * (base + swing)) + 2)
    for row in highest..<max(highest, canvas.height) {
      let color = top.mixed(with: bottom, (Double(row) - height * base) / (height * (1 - base)))
      let isWhole = row >= lowest
      // Runs of columns that are below the ridge; the edge itself is softened by how far the ridge cuts the pixel.
      var start = isWhole ? 0 : canvas.width
      for x in 0..<(isWhole ? 0 : canvas.width) {
        let cover = Double(row) + 1 - ridge[x]
        if cover >= 1 {
          start = min(start, x)
          continue
        }
        fill(canvas, start, x, row, color)
        start = canvas.width
        guard cover > 0 else { continue }
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 2) { pair in
          pair[0] = color.y
          pair[1] = UInt8(cover * 255)
          canvas.y.blend(
            UnsafeBufferPointer(rebasing: pair[..<1]), alpha: UnsafeBufferPointer(rebasing: pair[1...]), x, row)
        }
      }
      fill(canvas, start, canvas.width, row, color)
    }
  }

  private static func fill(_ canvas: Canvas, _ start: Int, _ end: Int, _ row: Int, _ color: Color) {
    guard start < end else { return }
    canvas.y.fill(start, row, end - start, color.y)
    guard row % 2 == 0 else { return }
    canvas.u.fill(start / 2, row / 2, (end + 1) / 2 - start / 2, color.u)
    canvas.v.fill(start / 2, row / 2, (end + 1) / 2 - start / 2, color.v)
  }
}
