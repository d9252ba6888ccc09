import Codecs
import Glibc
import Links
import TestSupport
import Testing

@Suite struct FrameConverterTests {
  /// Left half bright and bluish, right half dark and reddish, in a camera's format.
  private func frame(_ format: PixelFormat, _ width: Int, _ height: Int) -> [UInt8] {
    let half = (width / 4) * 2
    func y(_ x: Int) -> UInt8 { x < half ? 200 : 50 }
    func u(_ x: Int) -> UInt8 { x < half ? 170 : 90 }
    func v(_ x: Int) -> UInt8 { x < half ? 100 : 160 }
    let pairs = (width + 1) / 2
    let rows = (height + 1) / 2
    let luma = (0..<height).flatMap { _ in (0..<width).map(y) }
    switch format {
    case .i420:
      let us = (0..<rows).flatMap { _ in (0..<pairs).map { u($0 * 2) } }
      return luma + us + (0..<rows).flatMap { _ in (0..<pairs).map { v($0 * 2) } }
    case .nv12: return luma + (0..<rows).flatMap { _ in (0..<pairs).flatMap { [u($0 * 2), v($0 * 2)] } }
    case .yuyv:
      return (0..<height).flatMap { _ in
        (0..<pairs).flatMap { [y($0 * 2), u($0 * 2), y($0 * 2 + 1), v($0 * 2)] }
      }
    case .mjpeg: return []
    }
  }

  @Test(arguments: [PixelFormat.i420, .yuyv, .nv12], [(64, 48), (66, 50), (63, 47), (2, 2)])
  func rawFormatsKeepTheirColours(_ format: PixelFormat, _ size: (Int, Int)) throws {
    let (width, height) = size
    let bytes = frame(format, width, height)
    let converter = FrameConverter()
    try bytes.withUnsafeBytes { bytes in
      let picture = try converter.convert(bytes, format: format, width: width, height: height)
      #expect(picture.size == Dimensions(width, height))
      for row in [0, height / 2, height - 1] {
        #expect(picture.luma(width - 1, row) == 50)
        #expect(try #require(picture.chroma(width - 1, row)) == (90, 160))
        if width > 2 {
          #expect(picture.luma(0, row) == 200)
          #expect(try #require(picture.chroma(0, row)) == (170, 100))
        }
      }
    }
  }

  @Test func i420IsNotCopied() throws {
    let bytes = frame(.i420, 64, 48)
    try bytes.withUnsafeBytes { bytes in
      let picture = try FrameConverter().convert(bytes, format: .i420, width: 64, height: 48)
      #expect(UnsafeRawPointer(picture.y) == bytes.baseAddress)
    }
  }

  @Test(arguments: [PixelFormat.i420, .yuyv, .nv12]) func shortFramesAreRefused(_ format: PixelFormat) throws {
    let whole = frame(format, 64, 48)
    let converter = FrameConverter()
    for length in [0, 1, whole.count / 2, whole.count - 1] {
      whole.prefix(length).withUnsafeBytes { bytes -> Void in
        #expect(throws: CodecError.self) { _ = try converter.convert(bytes, format: format, width: 64, height: 48) }
      }
    }
  }

  @Test(arguments: [(0, 48), (64, 0), (-2, 48), (4_098, 48), (Int.max, Int.max)])
  func impossibleSizesAreRefused(_ size: (Int, Int)) {
    let bytes = [UInt8](repeating: 0, count: 1_000)
    bytes.withUnsafeBytes { bytes in
      for format in PixelFormat.allCases {
        #expect(throws: CodecError.tooLarge(Dimensions(size.0, size.1))) {
          try FrameConverter().convert(bytes, format: format, width: size.0, height: size.1)
        }
      }
    }
  }
}

@Suite struct JPEGConversionTests {
  private func convert(_ bytes: [UInt8], width: Int = TestJPEG.width, height: Int = TestJPEG.height) throws -> (
    left: UInt8, right: UInt8, red: UInt8, blue: UInt8
  ) {
    try bytes.withUnsafeBytes {
      let picture = try FrameConverter().convert($0, format: .mjpeg, width: width, height: height)
      let left = try #require(picture.chroma(8, 8))
      let right = try #require(picture.chroma(56, 40))
      return (try #require(picture.luma(8, 8)), try #require(picture.luma(56, 40)), left.v, right.u)
    }
  }

  @Test(arguments: [TestJPEG.with420, TestJPEG.with422, TestJPEG.with444]) func coloursAreKept(_ jpeg: [UInt8]) throws {
    let colours = try convert(jpeg)
    #expect((82...92).contains(colours.left))
    #expect((64...74).contains(colours.right))
    #expect((200...224).contains(colours.red))
    #expect((193...209).contains(colours.blue))
  }

  @Test(arguments: [TestJPEG.with420, TestJPEG.with422]) func everyTruncationIsATypedError(_ jpeg: [UInt8]) {
    for length in 0..<jpeg.count - 1 {
      #expect(throws: CodecError.self, "\(length) bytes") { try convert(Array(jpeg.prefix(length))) }
      // Cut off in the middle, and yet with an end marker, as some cameras do.
      if length < jpeg.count * 3 / 4 {
        #expect(throws: CodecError.self, "\(length) bytes and an end") {
          try convert(Array(jpeg.prefix(length)) + [0xFF, 0xD9])
        }
      }
    }
    #expect(throws: CodecError.truncated("JPEG of 500 bytes has no end, or no readable header")) {
      try convert(Array(jpeg.prefix(500)))
    }
  }

  /// libjpeg-turbo knows the tables of the standard by itself.
  @Test(arguments: [TestJPEG.with420, TestJPEG.with422, TestJPEG.with444])
  func withoutHuffmanTablesThoseOfTheStandardAreTaken(_ jpeg: [UInt8]) throws {
    let bare = TestJPEG.withoutTables(jpeg)
    #expect(bare.count < jpeg.count - 300)
    #expect(try convert(bare) == convert(jpeg))
  }

  @Test func greyHasNoColour() throws {
    for jpeg in [TestJPEG.grey, TestJPEG.withoutTables(TestJPEG.grey)] {
      let colours = try convert(jpeg)
      #expect((85...89).contains(colours.left))
      #expect((67...71).contains(colours.right))
      #expect(colours.red == 128)
      #expect(colours.blue == 128)
    }
  }

  @Test func kindsThatNoCameraSendsAreRefused() {
    #expect(throws: CodecError.self) { try convert(TestJPEG.with440) }
  }

  /// A camera that loses the middle of a picture sends less than its header promises: what is there is shown, the rest is grey, and
  /// nothing is read or written beyond the ends.
  @Test(arguments: [(4_096, 4_096), (4_096, 16), (16, 4_096), (65, 48), (64, 49)])
  func aHeaderThatPromisesMoreThanThereIsDoesNoHarm(_ width: Int, _ height: Int) {
    for jpeg in [TestJPEG.with420, TestJPEG.with422, TestJPEG.with444, TestJPEG.grey] {
      let resized = TestJPEG.resized(jpeg, width: UInt16(width), height: UInt16(height))
      #expect(throws: CodecError.otherSize(expected: Dimensions(64, 48), got: Dimensions(width, height))) {
        try convert(resized)
      }
      resized.withUnsafeBytes { bytes in
        let picture = try? FrameConverter().convert(bytes, format: .mjpeg, width: width, height: height)
        #expect(picture == nil || picture?.size == Dimensions(width, height))
      }
    }
  }

  @Test(arguments: [(UInt16.max, UInt16.max), (0, 48), (64, 0), (0, 0), (1, 1)])
  func impossibleSizesInAHeaderAreTypedErrors(_ width: UInt16, _ height: UInt16) {
    let jpeg = TestJPEG.resized(TestJPEG.with420, width: width, height: height)
    #expect(throws: CodecError.self) { try convert(jpeg) }
    #expect(throws: CodecError.self) { try convert(jpeg, width: 4_096, height: 4_096) }
  }

  /// The last byte lies just before memory that must not be read.
  @Test func nothingIsReadBeyondTheEnd() throws {
    let page = 4_096
    let start = try #require(mmap(nil, 2 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0))
    try #require(start != MAP_FAILED)
    defer { munmap(start, 2 * page) }
    try #require(mprotect(start + page, page, PROT_NONE) == 0)
    let converter = FrameConverter()
    for jpeg in [TestJPEG.with420, TestJPEG.with422, TestJPEG.with444, TestJPEG.grey] {
      for length in (1...jpeg.count).reversed() {
        for end in [[], [0xFF, 0xD9]] as [[UInt8]] {
          let bytes = jpeg.prefix(length) + end
          let memory = UnsafeMutableRawBufferPointer(start: start + page - bytes.count, count: bytes.count)
          memory.copyBytes(from: bytes)
          _ = try? converter.convert(UnsafeRawBufferPointer(memory), format: .mjpeg, width: 64, height: 48)
        }
      }
    }
  }

  @Test func anotherSizeIsATypedError() {
    #expect(throws: CodecError.otherSize(expected: Dimensions(640, 480), got: Dimensions(64, 48))) {
      try convert(TestJPEG.with420, width: 640, height: 480)
    }
  }

  @Test func damageNeverStopsTheConverter() throws {
    var random = SeededGenerator(seed: 5)
    for _ in 0..<3_000 {
      _ = try? convert(damaged(TestJPEG.with420, &random))
      _ = try? convert(damaged(TestJPEG.with422, &random))
    }
    #expect(try convert(TestJPEG.with420).red > 200)
  }
}

@Suite struct PictureTests {
  @Test func viewsRefuseMemoryThatIsTooShort() {
    let bytes = [UInt8](repeating: 0, count: 64 * 48 * 3 / 2 - 1)
    bytes.withUnsafeBytes { bytes -> Void in
      #expect(throws: CodecError.tooShort(expected: 4_608, got: 4_607)) {
        try PictureView(bytes, width: 64, height: 48)
      }
    }
  }

  @Test func aViewKeepsItsPicture() throws {
    weak var picture: Picture?
    var view: PictureView?
    do {
      let short = try Picture(width: 4, height: 4)
      picture = short
      view = short.view
    }
    #expect(picture != nil)
    #expect(view?.luma(1, 1) == 16)
    view = nil
    #expect(picture == nil)
  }

  @Test func pixelsOutsideAreNil() throws {
    let view = try Picture(width: 4, height: 4).view
    #expect(view.luma(-1, 0) == nil)
    #expect(view.luma(4, 0) == nil)
    #expect(view.luma(0, 4) == nil)
  }
}
