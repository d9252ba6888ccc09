import Codecs
import Drawing
import Glibc
import Linux

/// The picture in place of the camera's while there is none: a crossed camera, what is wrong in words, and two clocks that go
/// on, so that nobody takes it for a picture that is stuck.
final class FaultPicture {
  let size: Dimensions
  private let picture: Picture
  private let sign: Sprite
  private let digits: Lettering
  private var text: (words: String, lines: [[UInt8]], letters: Lettering)?

  init(_ size: Dimensions) throws(CodecError) {
    self.size = size
    picture = try Picture(width: size.width, height: size.height)
    sign = Self.sign(height: max(16, size.height * 2 / 5))
    digits = Lettering(dot: max(1, min(size.height / 90, size.width / 130)), letters: Array("0123456789: for".utf8))
  }

  /// Draws it; valid until the next time.
  /// - Parameters:
  ///   - clock: seconds since midnight.
  ///   - lasted: since the fault began.
  func draw(_ words: String, clock: Int, lasted: Interval) -> PictureView {
    guard let canvas = Canvas(picture.bytes, width: size.width, height: size.height) else { return picture.view }
    let back = Color(0.09, 0.10, 0.13)
    for row in 0..<canvas.height { canvas.y.fill(0, row, canvas.width, back.y) }
    for row in 0..<canvas.u.height {
      canvas.u.fill(0, row, canvas.u.width, back.u)
      canvas.v.fill(0, row, canvas.v.width, back.v)
    }
    sign.draw(on: canvas, x: (size.width - sign.width) / 2, y: size.height / 12)
    let (lines, letters) = lettering(words)
    var y = size.height * 11 / 20
    for line in lines {
      letters.draw(line, on: canvas, x: max(0, (size.width - line.count * letters.advance) / 2), y: y)
      y += letters.height * 3 / 2
    }
    let line = (0..<8).map { ClockText.letter($0, of: clock) } + Array("  for \(Self.duration(lasted))".utf8)
    digits.draw(
      line, on: canvas, x: max(0, (size.width - line.count * digits.advance) / 2),
      y: size.height - digits.height * 5 / 2)
    return picture.view
  }

  /// The letters are made anew only for other words.
  private func lettering(_ words: String) -> ([[UInt8]], Lettering) {
    if let text, text.words == words { return (text.lines, text.letters) }
    // As large as fits on two lines, and on three where even that is small.
    var best: (lines: [[UInt8]], dot: Int) = ([], 1)
    for dot in (1...max(1, size.height / 60)).reversed() {
      let columns = size.width / (dot * (Font.columns + 1) + 1) - 1
      best = (WrappedText.lines(words, columns: columns, most: 3), dot)
      let letters = best.lines.reduce(0) { $0 + $1.count { $0 != 0x20 } }
      let room = best.lines.count <= 2 && best.lines.count * dot * Font.rows * 3 / 2 <= size.height * 7 / 25
      if room, letters == words.count(where: { $0 != " " }) { break }
    }
    let letters = Lettering(dot: best.dot, letters: best.lines.flatMap { $0 })
    text = (words, best.lines, letters)
    return (best.lines, letters)
  }

  private static func duration(_ interval: Interval) -> String {
    let seconds = max(0, interval.microseconds / 1_000_000)
    let (minutes, rest) = (seconds / 60 % 60, seconds % 60)
    let hours = seconds / 3_600
    let tail = "\(minutes < 10 && hours > 0 ? "0" : "")\(minutes):\(rest < 10 ? "0" : "")\(rest)"
    return hours > 0 ? "\(hours):\(tail)" : tail
  }

  /// A camera in grey with a red stroke through it.
  private static func sign(height: Int) -> Sprite {
    let width = height * 5 / 4
    let (grey, red) = (Color(0.72, 0.75, 0.80), Color(0.90, 0.16, 0.14))
    let unit = Double(height)
    func cover(_ distance: Double) -> Double { min(max(0.5 - distance * unit, 0), 1) }
    func box(_ x: Double, _ y: Double, _ halfWidth: Double, _ halfHeight: Double, _ radius: Double) -> Double {
      let (across, down) = (abs(x) - halfWidth + radius, abs(y) - halfHeight + radius)
      return hypot(max(across, 0), max(down, 0)) + min(max(across, down), 0) - radius
    }
    return Sprite(width: width, height: height) { column, row in
      // From the middle, in heights.
      let (x, y) = ((Double(column) + 0.5) / unit - 0.625, (Double(row) + 0.5) / unit - 0.5)
      let body = min(box(x, y - 0.06, 0.52, 0.34, 0.08), box(x, y + 0.30, 0.20, 0.10, 0.04))
      let lens = abs(hypot(x, y - 0.06) - 0.19) - 0.045
      let camera = cover(body) * (1 - cover(lens))
      // From the upper left to the lower right, with a gap on both sides.
      let along = (x * 0.78 + y * 0.62)
      let across = abs(-x * 0.62 + y * 0.78)
      let stroke = max(across - 0.05, abs(along) - 0.66)
      let alpha = cover(stroke)
      let gap = cover(stroke - 0.035)
      return (grey.mixed(with: red, alpha), max(alpha, camera * (1 - gap)))
    }
  }
}
