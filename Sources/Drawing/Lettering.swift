/// Letters of the font at one size, white with a soft shadow, ready to be stamped.
package struct Lettering {
  /// Pixels from one letter to the next, and of a line.
  package let advance: Int
  package let height: Int
  private let sprites: [UInt8: Sprite]

  /// - Parameters:
  ///   - dot: pixels to a dot of the font.
  ///   - letters: the ones that will be drawn; others draw nothing.
  package init(dot: Int, letters: some Sequence<UInt8>) {
    // Even, so that a letter always falls on the same grid of colours.
    advance = (dot * (Font.columns + 1) + 1) & ~1
    height = dot * Font.rows
    var sprites: [UInt8: Sprite] = [:]
    for letter in letters where sprites[letter] == nil { sprites[letter] = Self.sprite(letter, dot) }
    self.sprites = sprites
  }

  /// Stamps a line with its upper left corner at a pixel.
  package func draw(_ text: [UInt8], on canvas: Canvas, x: Int, y: Int) {
    for (place, letter) in text.enumerated() { draw(letter, on: canvas, x: x + place * advance, y: y) }
  }

  package func draw(_ letter: UInt8, on canvas: Canvas, x: Int, y: Int) {
    sprites[letter]?.draw(on: canvas, x: x, y: y)
  }

  private static func sprite(_ letter: UInt8, _ dot: Int) -> Sprite {
    let offset = max(1, dot / 3)
    let (width, height) = (Font.columns * dot + offset, Font.rows * dot + offset)
    let face = coverage(Font.glyph(letter), dot, width, height)
    return Sprite(width: width, height: height) { x, y in
      let lit = face[y * width + x]
      let shade = x >= offset && y >= offset ? face[(y - offset) * width + x - offset] * 0.55 : 0
      let alpha = lit + shade * (1 - lit)
      return (Color.black.mixed(with: .white, alpha > 0 ? lit / alpha : 0), alpha)
    }
  }

  /// How much of each pixel a letter covers: the dots blurred into each other and cut at half, which rounds their corners.
  private static func coverage(_ glyph: [UInt8], _ dot: Int, _ width: Int, _ height: Int) -> [Double] {
    func level(_ column: Int, _ row: Int) -> Double {
      guard column >= 0, column < Font.columns, row >= 0, row < glyph.count else { return 0 }
      return glyph[row] >> UInt8(Font.columns - 1 - column) & 1 == 1 ? 1 : 0
    }
    var cover = [Double](repeating: 0, count: width * height)
    for y in 0..<height {
      let v = (Double(y) + 0.5) / Double(dot) - 0.5
      let row = Int(v.rounded(.down))
      let below = v - Double(row)
      for x in 0..<width {
        let u = (Double(x) + 0.5) / Double(dot) - 0.5
        let column = Int(u.rounded(.down))
        let right = u - Double(column)
        let upper = level(column, row) * (1 - right) + level(column + 1, row) * right
        let lower = level(column, row + 1) * (1 - right) + level(column + 1, row + 1) * right
        let mean = upper * (1 - below) + lower * below
        cover[y * width + x] = min(max((mean - 0.45) * Double(dot) + 0.5, 0), 1)
      }
    }
    return cover
  }
}
