import Drawing
import Glibc
import Linux

/// A picture that is pleasant to look at and never the same: a landscape, a sun on its way, two clouds, a bouncing ball, the
/// name of the box and a large clock. What stands still is drawn once; the rest are sprites.
struct Scene {
  let width: Int
  let height: Int
  private let landscape: Landscape
  private let sun: Sprite
  private let clouds: [Sprite]
  private let ball: Sprite
  private let digits: Lettering
  private let name: Lettering
  private let nameLetters: [UInt8]

  /// Nil for a size that has no picture.
  init?(width: Int, height: Int, name boxName: String) {
    guard let landscape = Landscape(width: width, height: height) else { return nil }
    self.width = width
    self.height = height
    self.landscape = landscape
    let unit = Double(min(width, height * 4 / 3)) / 640
    sun = Self.sun(radius: 26 * unit)
    clouds = [Self.cloud(width: 150 * unit), Self.cloud(width: 100 * unit)]
    ball = Self.ball(radius: 15 * unit)
    digits = Lettering(dot: max(1, Int(9 * unit)), letters: Array("0123456789:".utf8))
    let dot = max(1, Int(3 * unit))
    let room = width / (dot * (Font.columns + 1)) - 1
    // One letter of the font for each character of the name, whatever its language.
    nameLetters = boxName.prefix(max(0, room)).map { $0.asciiValue ?? 0 }
    name = Lettering(dot: dot, letters: nameLetters)
  }

  /// Draws the whole picture but for the strip.
  /// - Parameters:
  ///   - elapsed: since the scene began; all movement follows from it.
  ///   - clock: seconds since midnight.
  func draw(elapsed: Interval, clock: Int, into memory: UnsafeMutableRawBufferPointer) {
    guard let canvas = Canvas(memory, width: width, height: height) else { return }
    landscape.copy(to: memory)
    let seconds = elapsed.seconds
    let (w, h) = (Double(width), Double(height))

    let way = Self.fraction(seconds / 180 + 0.35)
    stamp(sun, on: canvas, w * (way * 1.2 - 0.1), h * (0.40 - 0.27 * sin(way * Double.pi)))
    for (index, cloud) in clouds.enumerated() {
      let way = Self.fraction(seconds / (index == 0 ? 60 : 95) + 0.2 + Double(index) * 0.45)
      stamp(cloud, on: canvas, w * (way * 1.4 - 0.2), h * (index == 0 ? 0.19 : 0.30))
    }

    let across = Self.fraction(seconds / 7)
    let hop = Self.fraction(seconds / 1.1) * 2 - 1
    let radius = Double(ball.width) / 2
    stamp(
      ball, on: canvas, radius + (w - 2 * radius) * abs(across * 2 - 1), h * 0.70 - radius - h * 0.28 * (1 - hop * hop))

    let x = (width - digits.advance * 8) / 2
    for place in 0..<8 {
      digits.draw(ClockText.letter(place, of: clock), on: canvas, x: x + place * digits.advance, y: Int(h * 0.74))
    }
    name.draw(nameLetters, on: canvas, x: name.advance, y: name.height)
  }

  private func stamp(_ sprite: Sprite, on canvas: Canvas, _ x: Double, _ y: Double) {
    sprite.draw(on: canvas, x: Int(x) - sprite.width / 2, y: Int(y) - sprite.height / 2)
  }

  private static func fraction(_ value: Double) -> Double { value - value.rounded(.down) }

  private static func sun(radius: Double) -> Sprite {
    let side = Int(radius * 3.2)
    let middle = Double(side) / 2
    let (core, halo) = (Color(1, 0.93, 0.55), Color(1, 0.95, 0.75))
    return Sprite(width: side, height: side) { x, y in
      let distance = hypot(Double(x) + 0.5 - middle, Double(y) + 0.5 - middle)
      let inside = min(max(radius - distance + 0.5, 0), 1)
      let glow = max(0, 1 - distance / middle) * 0.55
      return (halo.mixed(with: core, inside), max(inside, glow))
    }
  }

  /// Six round heaps on a flat base.
  private static func cloud(width: Double) -> Sprite {
    let height = width * 0.46
    let heaps: [(x: Double, y: Double, radius: Double)] = [
      (0.18, 0.72, 0.15), (0.36, 0.52, 0.20), (0.58, 0.46, 0.24), (0.78, 0.66, 0.17), (0.34, 0.80, 0.19),
      (0.64, 0.80, 0.19),
    ]
    return Sprite(width: Int(width), height: Int(height)) { x, y in
      let (column, row) = (Double(x) + 0.5, Double(y) + 0.5)
      var depth = -width
      for heap in heaps {
        let (across, down) = (column - heap.x * width, (row - heap.y * height) * 1.15)
        depth = max(depth, heap.radius * width - hypot(across, down))
      }
      let base = min(max(height * 0.92 - row, 0), 1)
      let shade = min(max((row / height - 0.45) * 0.6, 0), 0.25)
      return (Color.white.mixed(with: Color(0.55, 0.62, 0.72), shade), min(max(depth / 2, 0), 1) * base)
    }
  }

  private static func ball(radius: Double) -> Sprite {
    let side = Int(radius * 2)
    let (light, dark) = (Color(1, 0.45, 0.30), Color(0.62, 0.10, 0.10))
    return Sprite(width: side, height: side) { x, y in
      let (column, row) = (Double(x) + 0.5 - radius, Double(y) + 0.5 - radius)
      let cover = min(max(radius - hypot(column, row), 0), 1)
      return (light.mixed(with: dark, hypot(column + radius * 0.35, row + radius * 0.35) / (radius * 1.5)), cover)
    }
  }
}
