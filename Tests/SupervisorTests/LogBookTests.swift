import Linux
import Testing

@testable import Supervisor

@Suite struct LogBookTests {
  @Test func aReaderGetsEveryLineOnceByPages() {
    let book = LogBook()
    for number in 0..<500 {
      book.add(
        LogEntry(.info, "media", "line \(number)", ["N": "\(number)"]), at: WallTime(milliseconds: Int64(number)))
    }
    var lines: [String] = []
    var pages = 0
    while case let page = book.page(from: lines.count), !page.isEmpty {
      #expect(page.reduce(0) { $0 + $1.text.utf8.count } <= LogBook.pageBytes)
      lines += page.map(\.text)
      pages += 1
    }
    #expect(lines == (0..<500).map { "line \($0)" })
    #expect(pages > 1)
    #expect(book.page(from: 499).map(\.milliseconds) == [499])
    #expect(book.page(from: -5).first?.number == 0)
    #expect(book.page(from: .max).isEmpty)
    #expect(LogBook().page(from: 0).isEmpty)
  }

  @Test func whatIsOldMakesRoomAndNumbersGoOn() throws {
    let book = LogBook()
    let long = String(repeating: "x", count: 5_000)
    for _ in 0..<2_000 { book.add(LogEntry(.error, "server", long), at: WallTime(milliseconds: 0)) }
    var kept: [Int] = []
    while case let page = book.page(from: (kept.last ?? -1) + 1), !page.isEmpty {
      for line in page { #expect(line.text.count == LogBook.longestText) }
      kept += page.map(\.number)
    }
    #expect(kept.last == 1_999)
    let first = try #require(kept.first)
    #expect(kept == Array(first...1_999))
    #expect((100...300).contains(kept.count))
  }
}
