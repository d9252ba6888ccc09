import Testing

@testable import Links

@Suite struct RedactorTests {
  @Test(arguments: [
    ("ann signed in from 192.168.4.17", "user-1 signed in from address-1"),
    ("from 192.168.4.17:51234, again 192.168.4.17:51234.", "from address-1, again address-1."),
    ("from fd00::17:2, from fe80::1ff:fe23:4567:890a", "from address-1, from address-2"),
    ("card b8:27:eb:12:34:56 is gone", "card address-1 is gone"), ("on 127.0.0.1 and ::1", "on 127.0.0.1 and ::1"),
    ("token aGVsbG8gd29ybGQgMTIzNDU2Nzg5 was", "token (removed) was"),
    ("key=0123456789abcdef0123456789abcdef!", "(removed)!"), ("at 12:34:56", "at 12:34:56"),
    ("ready after 1234567890123456789 ms", "ready after 1234567890123456789 ms"),
    ("/var/lib/fieldbox/fieldbox.db.damaged-1", "/var/lib/fieldbox/fieldbox.db.damaged-1"),
    ("asked 640×480 at 30, nearest 320×240 at 20", "asked 640×480 at 30, nearest 320×240 at 20"), ("", ""),
    ("linux-binary-7.2.12+deb14-amd64", "linux-binary-7.2.12+deb14-amd64"), ("announce", "announce"),
  ])
  func namesAndSecretsAreTakenOut(text: String, expected: String) {
    var redactor = Redactor()
    #expect(redactor.standIn(for: "ann", kind: "user") == "user-1")
    #expect(redactor.redact(text) == expected)
  }

  @Test func aNameHasOneStandInAlsoBeforeItIsKnownAsAName() {
    func line(_ number: Int, _ text: String, _ fields: [String: String] = [:]) -> LogLine {
      LogLine(
        number: number, milliseconds: 1_000 * Int64(number), priority: 6, process: "server", text: text, fields: fields)
    }
    var redactor = Redactor()
    let text = LogText.render(
      [
        line(0, "ben is called"), line(1, "audit: ann signed in", ["USER": "ann"]),
        line(2, "audit: ben signed in from 10.0.0.7", ["USER": "ben", "ADDRESS": "10.0.0.7"]),
      ], &redactor)
    #expect(
      text == """
        1970-01-01T00:00:00.000Z info server: user-2 is called
        1970-01-01T00:00:01.000Z info server: audit: user-1 signed in
        1970-01-01T00:00:02.000Z info server: audit: user-2 signed in from address-1

        """)
  }

  @Test(
    arguments: [
      (0, "1970-01-01T00:00:00.000Z"), (1_795_723_509_120, "2026-11-26T20:05:09.120Z"),
      (951_782_400_000, "2000-02-29T00:00:00.000Z"), (-1, "1969-12-31T23:59:59.999Z"),
      (4_107_542_400_000, "2100-03-01T00:00:00.000Z"),
    ] as [(Int64, String)])
  func timesAreThoseOfTheCalendar(milliseconds: Int64, text: String) {
    #expect(UTC.text(milliseconds: milliseconds) == text)
  }

  @Test func everyTimeHasAText() {
    for milliseconds: Int64 in [.min, .max, .min + 1, 0] {
      #expect(UTC.text(milliseconds: milliseconds).hasSuffix("Z"))
    }
  }
}
