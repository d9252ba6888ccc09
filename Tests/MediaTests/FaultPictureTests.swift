import Codecs
import Drawing
import Glibc
import Linux
import Testing

@testable import Media

@Suite struct FaultPictureTests {
  /// Rows that have something bright in them.
  private func bright(_ view: PictureView) -> [Int] {
    (0..<view.size.height).filter { row in (0..<view.size.width).contains { (view.luma($0, row) ?? 0) > 150 } }
  }

  @Test(arguments: [(160, 120), (320, 240), (640, 480), (641, 359), (1_280, 720), (1_920, 1_080), (16, 16), (240, 640)])
  func itIsDarkWithASignWordsAndAClock(_ width: Int, _ height: Int) throws {
    let picture = try FaultPicture(Dimensions(width, height))
    let view = picture.draw("camera unplugged", clock: 45_296, lasted: .seconds(61))
    #expect(view.size == Dimensions(width, height))
    #expect((view.luma(0, 0) ?? 99) < 60)
    #expect((view.luma(width - 1, height - 1) ?? 99) < 60)
    guard width >= 160 else { return }
    let rows = bright(view)
    #expect(rows.contains { $0 < height / 2 })
    #expect(rows.contains { $0 > height * 11 / 20 && $0 < height * 4 / 5 })
    #expect(rows.contains { $0 > height * 4 / 5 })
    // The stroke is red.
    let reds = (0..<height / 2).contains { row in
      (0..<width).contains { view.v[row / 2 * view.strideV + $0 / 2] > 170 }
    }
    #expect(reds)
  }

  @Test func theClocksGoOnAndTheWordsStay() throws {
    let picture = try FaultPicture(Dimensions(320, 240))
    func rows(_ clock: Int, _ lasted: Interval, _ words: String = "camera unplugged") -> [[UInt8]] {
      let view = picture.draw(words, clock: clock, lasted: lasted)
      return (0..<240).map { row in (0..<320).map { view.luma($0, row) ?? 0 } }
    }
    let first = rows(45_296, .seconds(1))
    #expect(first == rows(45_296, .milliseconds(1_900)))
    let second = rows(45_297, .seconds(2))
    let changed = zip(first, second).enumerated().filter { $0.element.0 != $0.element.1 }.map(\.offset)
    #expect(!changed.isEmpty)
    #expect(changed.allSatisfy { $0 > 200 })
    #expect(rows(45_296, .seconds(1), "camera driver does not answer") != first)
    #expect(rows(45_296, .seconds(1)) == first)
  }

  @Test func anyWordsAreDrawn() throws {
    let picture = try FaultPicture(Dimensions(320, 240))
    for words in [
      "", " ", "×", "摄像机 已拔出", String(repeating: "x", count: 5_000), String(repeating: "a b ", count: 300),
      "camera usb-Logitech_HD_Webcam_C525-video-index0 is not there; there is Integrated Camera at /dev/video0",
    ] {
      let view = picture.draw(words, clock: 0, lasted: .seconds(-5))
      #expect((view.luma(0, 0) ?? 99) < 60)
    }
    _ = picture.draw("x", clock: .max, lasted: Interval(microseconds: .max))
    _ = picture.draw("x", clock: .min, lasted: Interval(microseconds: .min))
  }

  @Test(
    arguments: [
      ("camera unplugged", 20, ["camera unplugged"]), ("camera unplugged", 10, ["camera", "unplugged"]),
      ("camera unplugged", 5, ["camer", "a", "unplu"]), ("", 5, []), ("a", 0, []), ("640×480 – x", 20, ["640x480 - x"]),
    ] as [(String, Int, [String])])
  func wordsAreWrapped(_ words: String, _ columns: Int, _ lines: [String]) {
    #expect(
      WrappedText.lines(words, columns: columns, most: 3).map { String(decoding: $0, as: UTF8.self) } == lines)
  }
}
