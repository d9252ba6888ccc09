import Glibc
import Links

/// A format, a size and a rate that a camera can deliver.
struct V4L2Offer: Equatable, Sendable {
  var fourCC: FourCC
  var format: PixelFormat
  var width: Int
  var height: Int
  /// Of the rates for this format and size the one nearest to what is asked; nil if the driver does not tell.
  var interval: V4L2Interval?

  init?(_ fourCC: FourCC, _ width: Int, _ height: Int, _ interval: V4L2Interval?) {
    guard let format = fourCC.pixelFormat, (16...4_096).contains(width), (16...4_096).contains(height) else {
      return nil
    }
    self.fourCC = fourCC
    self.format = format
    self.width = width
    self.height = height
    self.interval = interval
  }

  /// Of one picture without padding; for JPEG, whose pictures differ, what a good one takes.
  var bytes: Int {
    let pairs = (width + 1) / 2
    switch format {
    case .i420, .nv12: return width * height + 2 * pairs * ((height + 1) / 2)
    case .yuyv: return pairs * 4 * height
    case .mjpeg: return width * height / 4
    }
  }

  func bytesPerSecond(_ asked: CameraMode) -> Double {
    Double(bytes) * (interval?.rate ?? Double(asked.framesPerSecond))
  }
}

/// How a camera is connected.
enum V4L2Bus: Equatable, Sendable {
  case usb
  /// Within the board or the machine.
  case other

  init(_ info: String) { self = info.hasPrefix("usb-") ? .usb : .other }

  /// What one stream can carry in a second: high-speed USB reserves at most 3 × 1024 bytes of each 125 µs, and a camera at a
  /// faster port that can do more is served well by JPEG too.
  var bytesPerSecond: Double { self == .usb ? 24_576_000 : .infinity }
}

/// Chooses among what a camera offers.
enum V4L2Choice {
  /// The offers from the best on, without those that cannot be used at all.
  ///
  /// The nearest in size and rate comes first. What is left equal is decided by format: raw pictures, which need no decoding
  /// and carry no artefacts, as long as the bus carries them; else JPEG.
  /// - Parameters:
  ///   - format: the only one to take; nil for any.
  ///   - largestBytes: raw pictures beyond it have no room.
  static func ranked(
    _ offers: [V4L2Offer], asked: CameraMode, format: PixelFormat?, bus: V4L2Bus, largestBytes: Int
  ) -> [V4L2Offer] {
    offers
      .filter { (format == nil || $0.format == format) && ($0.format == .mjpeg || $0.bytes <= largestBytes) }
      .map { (offer: $0, rank: rank($0, asked, bus)) }
      .enumerated().sorted { ($0.element.rank, $0.offset) < ($1.element.rank, $1.offset) }
      .map(\.element.offer)
  }

  private static func rank(_ offer: V4L2Offer, _ asked: CameraMode, _ bus: V4L2Bus) -> Int {
    let (width, height) = (Double(max(1, asked.width)), Double(max(1, asked.height)))
    let area = abs(log2(Double(offer.width * offer.height) / (width * height)))
    let shape = abs(log2(Double(offer.width) / Double(offer.height) * height / width))
    let rate = offer.interval?.distance(from: Double(max(1, asked.framesPerSecond))) ?? 0
    // In hundredths: 29.97 is as good as 30.
    let distance = Int(min((area + shape + rate) * 100, 1e6)) / 4
    let preference =
      if offer.format == .mjpeg {
        4
      } else if offer.bytesPerSecond(asked) > bus.bytesPerSecond {
        // Drivers list what the wire could carry if nothing else were on it.
        5
      } else {
        switch offer.format {
        case .i420: 0
        case .nv12: 1
        case .yuyv, .mjpeg: 2
        }
      }
    return distance * 10 + preference
  }
}
