import Testing

@testable import Links

/// Messages to datagrams and back.
@Suite struct LinkCodecTests {
  private func survive<Message: SampledMessage>(_ type: Message.Type) throws {
    for kind in Message.Kind.allCases {
      let message = Message.sample(kind)
      #expect(message.kind == kind)
      let bytes = try LinkCodec.encode(message)
      #expect(try LinkCodec.decode(Message.self, from: bytes) == message)
      // Cut anywhere, it is refused.
      for length in [0, 1, bytes.count / 2, bytes.count - 1] {
        #expect(throws: LinkError.self) { try LinkCodec.decode(Message.self, from: bytes.prefix(length)) }
      }
    }
  }

  @Test func everyMessageSurvives() throws {
    try survive(ControlCommand.self)
    try survive(ControlReport.self)
    try survive(MediaRequest.self)
    try survive(MediaEvent.self)
    try survive(LocalRequest.self)
    try survive(LocalReply.self)
  }

  @Test func everyPartOfAMessageSurvives() throws {
    for button in ButtonName.allCases {
      for press in [Press.short(button), .held(button), .stuck(button), .bothHeld] {
        #expect(
          try LinkCodec.decode(ControlCommand.self, from: LinkCodec.encode(ControlCommand.press(press)))
            == .press(press))
      }
    }
    let states: [BoxState] = [
      .ready, .nobodyReachable, .calling, .incoming, .inCall(boxCalled: false, autoAnswered: true),
    ]
    for state in states {
      #expect(
        try LinkCodec.decode(ControlReport.self, from: LinkCodec.encode(ControlReport.state(state))) == .state(state))
    }
    for cue in Cue.allCases {
      #expect(try LinkCodec.decode(ControlReport.self, from: LinkCodec.encode(ControlReport.cue(cue))) == .cue(cue))
    }
  }

  /// The form on the wire, so that a change of it is a decision.
  @Test func theForm() throws {
    #expect(
      String(decoding: try LinkCodec.encode(LocalRequest.status), as: UTF8.self).contains("\"m\":{\"status\":{}}"))
    let bytes = Array("{\"v\":1,\"m\":{\"press\":{\"_0\":{\"short\":{\"_0\":\"call\"}}}}}".utf8)
    #expect(try LinkCodec.decode(ControlCommand.self, from: bytes) == .press(.short(.call)))
  }

  @Test func anotherVersionIsNamed() {
    let bytes = Array("{\"v\":2,\"m\":{\"nobody\":{\"knows\":\"this\"}}}".utf8)
    #expect(throws: LinkError.otherVersion(expected: 1, got: 2)) {
      try LinkCodec.decode(MediaRequest.self, from: bytes)
    }
  }

  @Test(arguments: [
    "", "x", "{}", "[]", "null", "{\"v\":1}", "{\"m\":{\"stop\":{}}}", "{\"v\":\"1\",\"m\":{\"stop\":{}}}",
    "{\"v\":1,\"m\":{}}", "{\"v\":1,\"m\":{\"stop\":{},\"mediaLink\":{}}}", "{\"v\":1,\"m\":{\"unknown\":{}}}",
    "{\"v\":1,\"m\":{\"ping\":{\"_0\":99999999999999999999}}}", "{\"v\":1,\"m\":{\"ping\":{}}}",
    "{\"v\":1,\"m\":{\"press\":{\"_0\":{\"short\":{\"_0\":\"sos\"}}}}}", "{\"v\":1,\"m\":{\"stop\":{}}",
  ])
  func malformed(text: String) {
    #expect {
      try LinkCodec.decode(ControlCommand.self, from: Array(text.utf8))
    } throws: { error in
      if case .malformed = error as? LinkError { true } else { false }
    }
  }

  @Test func tooLarge() throws {
    let long = String(repeating: "a", count: LinkCodec.largestMessageBytes)
    #expect {
      try LinkCodec.encode(MediaRequest.setAnswer(id: 1, peer: "p", sdp: long))
    } throws: { error in
      if case .tooLarge(let bytes) = error as? LinkError { bytes > LinkCodec.largestMessageBytes } else { false }
    }
    let bytes = [UInt8](repeating: UInt8(ascii: " "), count: LinkCodec.largestMessageBytes + 1)
    #expect(throws: LinkError.tooLarge(bytes: bytes.count)) { try LinkCodec.decode(MediaEvent.self, from: bytes) }
  }

  /// What a client may send as a session description fits, also when each character needs an escape of two bytes.
  @Test func theLongestDescriptionFits() throws {
    let longest = String(repeating: "\r\n/\"", count: 32 * 1024 / 4)
    let bytes = try LinkCodec.encode(MediaRequest.setAnswer(id: .max, peer: "0123456789abcdef", sdp: longest))
    #expect(bytes.count < LinkCodec.largestMessageBytes)
  }
}
