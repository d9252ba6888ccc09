import Testing

@testable import Links

@Suite struct JSONStringsTests {
  private static let sound = [
    "", "{}", #"{"a":"b"}"#, #"{"\u00e9":1}"#, #"{"\ud83d\ude00":"\\ \" \/ \b \f \n \r \t"}"#, "{\"é中\":1}", #"\x"#,
  ]
  @Test(arguments: sound) func soundOnes(_ text: String) {
    #expect(JSONStrings.areSound(in: Array(text.utf8)))
  }

  private static let wrong = [
    #"{"\x":1}"#, #"{"\u12":1}"#, #"{"\u12g4":1}"#, #"{"\ud83d":1}"#, #"{"\ud83d\n":1}"#, #"{"\ude00":1}"#, #"{"a\"#,
    #"{"\ud83d\u0041":1}"#, "{\"a\u{1}\":1}", "{\"a\n\":1}",
  ]
  @Test(arguments: wrong) func wrongEscapes(_ text: String) {
    #expect(!JSONStrings.areSound(in: Array(text.utf8)))
  }

  /// What ended a process with Swift 6.0's decoder: names of members that are no text.
  @Test func namesThatAreNoTextAreRefusedAndNobodyEnds() {
    var messages = Self.wrong.map { Array($0.utf8) }
    messages.append(Array(#"{"v":1,""#.utf8) + [0xff, 0xc0] + Array(#"":1}"#.utf8))
    for message in messages {
      #expect(throws: LinkError.self) { try LinkCodec.decode(ControlCommand.self, from: message) }
    }
  }
}
