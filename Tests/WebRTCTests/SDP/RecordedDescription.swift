import FoundationEssentials
import TestSupport

@testable import WebRTC

/// The descriptions in `Descriptions`: offers of Chromium 156, Firefox 153 and aiortc 1.16, and their answers to
/// `box-offer.sdp`. `media` has a camera and a microphone, `no-tracks` both directions with nothing to send yet, `listening`
/// takes sound alone, `receiving-and-data` has two video sections and a data channel, `simulcast` two layers.
///
/// `safari-offer-media` was not recorded here: it has the form of Safari 13 as others have published it, with made-up ids and keys. No
/// device of Apple's has been tried.
enum RecordedDescription {
  static let offers = [
    "chromium-offer-media", "chromium-offer-receiving-and-data", "chromium-offer-simulcast", "firefox-offer-media",
    "firefox-offer-receiving-and-data", "firefox-offer-simulcast", "aiortc-offer-media", "safari-offer-media",
  ]
  static let answers = [
    "chromium-answer-media", "chromium-answer-no-tracks", "chromium-answer-listening", "firefox-answer-media",
    "firefox-answer-no-tracks", "firefox-answer-listening", "aiortc-answer-no-tracks",
  ]

  static func text(_ name: String) throws -> String {
    let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("Descriptions")
    return String(decoding: try Data(contentsOf: folder.appendingPathComponent("\(name).sdp")), as: UTF8.self)
  }

  static func parse(_ name: String) throws -> SessionDescription {
    let text = try text(name)
    return try SessionDescription.parse(text)
  }
}
