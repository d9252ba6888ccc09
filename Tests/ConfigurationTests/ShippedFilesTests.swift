import Configuration
import Testing

/// The files that come with the project are read by the code that reads a team's own.
@Suite struct ShippedFilesTests {
  /// Its comments call what it says the defaults.
  @Test func simulatedBoardFileHoldsTheDefaults() throws {
    let root = #filePath.split(separator: "/").dropLast(3).joined(separator: "/")
    let configuration = try Configuration.load(Paths(boardConfiguration: "/\(root)/Board/simulated/board.conf"))
    #expect(configuration.board == BoardConfiguration())
  }
}
