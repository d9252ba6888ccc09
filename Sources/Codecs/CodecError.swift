/// Why a codec refused. Bytes from the network or a device can only ever cause one of these.
public enum CodecError: Error, Equatable, Sendable, CustomStringConvertible {
  /// A setting that the library does not take.
  case unsupported(String)
  /// The buffer is shorter than what has to go into it, or holds less than its format needs; in bytes or samples.
  case tooShort(expected: Int, got: Int)
  /// A picture of another size than the encoder or the converter was told of.
  case otherSize(expected: Dimensions, got: Dimensions)
  /// A picture larger than ``Dimensions/largestSide`` on one side.
  case tooLarge(Dimensions)
  /// A compressed picture or packet that ends before its end.
  case truncated(String)
  /// Compressed data that cannot be decoded.
  case malformed(String)
  /// The library failed for another reason.
  case library(String)

  public var description: String {
    switch self {
    case .unsupported(let what): "unsupported: \(what)"
    case .tooShort(let expected, let got): "expected at least \(expected), got \(got)"
    case .otherSize(let expected, let got): "expected a picture of \(expected), got \(got)"
    case .tooLarge(let size): "picture of \(size) is larger than \(Dimensions.largestSide) on a side"
    case .truncated(let what): "truncated: \(what)"
    case .malformed(let what): "malformed: \(what)"
    case .library(let what): what
    }
  }
}

/// Width and height of a picture in pixels.
public struct Dimensions: Hashable, Sendable, CustomStringConvertible {
  /// Pictures beyond this are refused, so that a few hostile bytes cannot ask for gigabytes.
  public static let largestSide = 4096

  public var width: Int
  public var height: Int

  public init(_ width: Int, _ height: Int) {
    self.width = width
    self.height = height
  }

  public var description: String { "\(width)×\(height)" }

  /// Bytes of an I420 picture without padding between rows.
  public var i420Bytes: Int { width &* height &+ 2 &* chromaWidth &* chromaHeight }
  var chromaWidth: Int { (width &+ 1) / 2 }
  var chromaHeight: Int { (height &+ 1) / 2 }

  var isValid: Bool { width > 0 && height > 0 && width <= Self.largestSide && height <= Self.largestSide }
}
