import Links
import Testing

@testable import Hardware

/// What is chosen among what cameras offer.
@Suite struct V4L2ChoiceTests {
  struct Row: Sendable, CustomTestStringConvertible {
    var name: String
    var offers: [V4L2Offer?]
    var asked: (Int, Int, Int)
    var format: PixelFormat?
    var bus = V4L2Bus.usb
    var chosen: (FourCC, Int, Int, Int)?
    var testDescription: String { name }
  }

  static func offer(_ fourCC: FourCC, _ width: Int, _ height: Int, _ rate: UInt32, of numerator: UInt32 = 1)
    -> V4L2Offer?
  {
    V4L2Offer(fourCC, width, height, V4L2Interval(numerator, rate))
  }

  /// As a common USB camera lists them, at the rates nearest to 30.
  static let webcam = [
    offer(.yuyv, 640, 480, 30), offer(.yuyv, 320, 240, 30), offer(.yuyv, 800, 600, 24), offer(.yuyv, 1_280, 720, 10),
    offer(.mjpeg, 640, 480, 30), offer(.mjpeg, 320, 240, 30), offer(.mjpeg, 800, 600, 30),
    offer(.mjpeg, 1_280, 720, 30),
    offer(.mjpeg, 1_920, 1_080, 30),
  ]

  static let rows = [
    Row(name: "raw where the bus carries it", offers: webcam, asked: (640, 480, 30), chosen: (.yuyv, 640, 480, 30)),
    Row(name: "JPEG where raw is too slow", offers: webcam, asked: (1_280, 720, 30), chosen: (.mjpeg, 1_280, 720, 30)),
    Row(
      name: "raw where its rate is enough", offers: webcam, asked: (1_280, 720, 10), chosen: (.yuyv, 1_280, 720, 10)),
    Row(
      name: "the only format to take", offers: webcam, asked: (640, 480, 30), format: .mjpeg,
      chosen: (.mjpeg, 640, 480, 30)),
    Row(
      name: "a slow rate rather than another size, if only a little slower",
      offers: [offer(.yuyv, 800, 600, 25), offer(.yuyv, 320, 240, 30)], asked: (800, 600, 30),
      chosen: (.yuyv, 800, 600, 25)),
    Row(
      name: "a smaller size rather than a slide show",
      offers: [offer(.yuyv, 1_280, 720, 5), offer(.yuyv, 640, 480, 30)],
      asked: (1_280, 720, 30), chosen: (.yuyv, 640, 480, 30)),
    Row(
      name: "the nearest size", offers: [offer(.mjpeg, 800, 600, 25), offer(.mjpeg, 1_920, 1_080, 30)],
      asked: (640, 480, 30), chosen: (.mjpeg, 800, 600, 25)),
    Row(
      name: "29.97 is 30", offers: [offer(.yuyv, 640, 480, 25), offer(.yuyv, 640, 480, 30_000, of: 1_001)],
      asked: (640, 480, 30), chosen: (.yuyv, 640, 480, 30)),
    Row(
      name: "the shape counts", offers: [offer(.mjpeg, 640, 360, 30), offer(.mjpeg, 640, 480, 30)],
      asked: (1_280, 720, 30), chosen: (.mjpeg, 640, 360, 30)),
    Row(
      name: "raw beyond the bus comes after JPEG",
      offers: [offer(.yuyv, 1_280, 720, 30), offer(.mjpeg, 1_280, 720, 30)],
      asked: (1_280, 720, 30), chosen: (.mjpeg, 1_280, 720, 30)),
    Row(
      name: "raw within the machine", offers: [offer(.mjpeg, 1_280, 720, 30), offer(.yuyv, 1_280, 720, 30)],
      asked: (1_280, 720, 30), bus: .other, chosen: (.yuyv, 1_280, 720, 30)),
    Row(
      name: "4:2:0 before 4:2:2",
      offers: [offer(.yuyv, 640, 480, 30), offer(.nv12, 640, 480, 30), offer(.i420, 640, 480, 30)],
      asked: (640, 480, 30), chosen: (.i420, 640, 480, 30)),
    Row(
      name: "a rate that is not told is taken for good", offers: [V4L2Offer(.yuyv, 640, 480, nil)],
      asked: (640, 480, 30), chosen: (.yuyv, 640, 480, 0)),
    Row(name: "nothing", offers: [], asked: (640, 480, 30), chosen: nil),
    Row(name: "nothing of that format", offers: webcam, asked: (640, 480, 30), format: .nv12, chosen: nil),
    Row(
      name: "sizes that are none", offers: [offer(.yuyv, 0, 0, 30), offer(.yuyv, 1 << 31, 1 << 31, 30)],
      asked: (640, 480, 30), chosen: nil),
    Row(name: "nothing sensible asked", offers: webcam, asked: (0, -5, 0), chosen: (.yuyv, 320, 240, 30)),
  ]

  @Test(arguments: rows) func chooses(_ row: Row) {
    let best = V4L2Choice.ranked(
      row.offers.compactMap { $0 },
      asked: CameraMode(width: row.asked.0, height: row.asked.1, framesPerSecond: row.asked.2),
      format: row.format, bus: row.bus, largestBytes: 4_096 * 4_096 * 2
    ).first
    #expect(best?.fourCC == row.chosen?.0)
    #expect(best?.width == row.chosen?.1)
    #expect(best?.height == row.chosen?.2)
    #expect(best?.interval?.framesPerSecond ?? 0 == row.chosen?.3 ?? 0)
  }

  @Test func rawPicturesWithoutRoomAreNotChosen() {
    let ranked = V4L2Choice.ranked(
      Self.webcam.compactMap { $0 }, asked: CameraMode(width: 800, height: 600, framesPerSecond: 24), format: .yuyv,
      bus: .usb, largestBytes: 640 * 480 * 2)
    #expect(ranked.map(\.width) == [640, 320])
  }

  @Test(
    arguments: [
      (V4L2Sizes.Steps(least: 48, most: 1_920, step: 16), 640, 640),
      (.init(least: 48, most: 1_920, step: 16), 650, 656),
      (.init(least: 48, most: 1_920, step: 16), 10, 48), (.init(least: 48, most: 1_920, step: 16), .max, 1_920),
      (.init(least: 50, most: 99, step: 30), 99, 80), (.init(least: 1, most: 5, step: 0), 3, 3),
      (.init(least: 5, most: 1, step: 1), 3, nil), (.init(least: 0, most: 0, step: 0), 3, nil),
      (.init(least: 2, most: 9, step: -1), 3, nil),
    ] as [(V4L2Sizes.Steps, Int, Int?)])
  func stepsAreKept(_ steps: V4L2Sizes.Steps, _ asked: Int, _ nearest: Int?) {
    #expect(steps.nearest(to: asked) == nearest)
  }

  @Test(arguments: [(30, 30), (20, 25), (24, 25), (1, 15), (1_000, 60), (0, 15), (-1, 15)])
  func ratesOfAList(_ asked: Int, _ nearest: Int) {
    let list = V4L2Rates.discrete([60, 30, 25, 15].compactMap { V4L2Interval(1, $0) })
    #expect(list.nearest(to: asked)?.framesPerSecond == nearest)
  }

  @Test(arguments: [(30, 30), (1, 2), (500, 60), (-7, 2)]) func ratesOfARange(_ asked: Int, _ nearest: Int) throws {
    let range = V4L2Rates.range(
      shortest: try #require(V4L2Interval(1, 60)), longest: try #require(V4L2Interval(1, 2)))
    #expect(range.nearest(to: asked)?.framesPerSecond == nearest)
    #expect(V4L2Rates.unknown.nearest(to: asked) == nil)
  }

  @Test func fractionsThatAreNoTimeAreNone() {
    #expect(V4L2Interval(0, 30) == nil)
    #expect(V4L2Interval(1, 0) == nil)
    #expect(V4L2Interval(.max, 1)?.framesPerSecond == 1)
    #expect(V4L2Interval(1, .max)?.framesPerSecond == 1_000)
  }

  @Test(arguments: [(PixelFormat.yuyv, 1_279), (.nv12, 639), (.i420, 639), (.yuyv, -1), (.yuyv, 1 << 40)])
  func rowsThatOverlapAreRefused(_ format: PixelFormat, _ line: Int) {
    #expect(V4L2Layout(format, width: 640, height: 480, bytesPerLine: line) == nil)
  }

  @Test func lettersOfFormats() {
    #expect("\(FourCC.mjpeg)" == "MJPG")
    #expect("\(FourCC(code: 0))" == "....")
    #expect(FourCC("H264").pixelFormat == nil)
    #expect(FourCC.jpeg.pixelFormat == .mjpeg)
  }
}
