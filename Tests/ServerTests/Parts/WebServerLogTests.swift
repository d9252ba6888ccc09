import Testing

@testable import Server

@Test(arguments: [
  ("[2026/11/29 18:59:43:9113] E: what happened\n", "E: what happened"), ("what happened", "what happened"),
  ("[2026/11/29 18:59:43:9113] E: rops_pt_init_destroy_netlink: unable to open netlink\n", nil),
  ("", nil), ("\n", nil), ("[", nil), ("[]", nil), ("[2026] ", nil),
])
func whatTheWebServerSaysIsLoggedWithoutItsTime(line: String, words: String?) {
  #expect(WebServerLog.words(line).map { String($0) } == words)
}
