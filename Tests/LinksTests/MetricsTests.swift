import Testing

@testable import Links

@Suite struct MetricsTests {
  @Test func everyLineIsOfPrometheusForm() throws {
    var status: BoxStatus = LocalReply.status
    status.children["server"]?.counters = ["requests.refused": 3, "video.ageP99Microseconds": -1]
    status.faults = [.init(what: "a \"b\"\\\n", detail: "x", sinceUptimeSeconds: 0)]
    let text = MetricsText.render(status)
    for line in text.split(separator: "\n") where !line.hasPrefix("#") {
      let parts = line.split(separator: " ", omittingEmptySubsequences: false)
      let value = try #require(parts.last)
      #expect(Double(value) != nil, "\(line)")
      let name = line.prefix { $0 != "{" && $0 != " " }
      #expect(
        name.hasPrefix("fieldbox_") && name.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_") })
    }
    for line in [
      "fieldbox_restarts_total{process=\"server\"} 1", "fieldbox_memory_bytes{process=\"supervisor\"} 8",
      "fieldbox_fault{what=\"a \\\"b\\\"\\\\\\n\"} 1", "fieldbox_server_requests_refused 3",
      "fieldbox_server_video_age_p99_microseconds -1", "fieldbox_device_working{device=\"camera\"} 0",
      "# TYPE fieldbox_restarts_total counter", "fieldbox_self_test_findings 1",
    ] { #expect("\n\(text)".contains("\n\(line)\n"), "\(line)") }
    #expect(!text.contains("temperature"), "what this machine cannot tell is left out")
  }
}
