import Glibc
import Linux

/// What a child writes on its standard output and error, line by line into our own log.
final class ChildLog {
  /// Longer ones are cut.
  private static let longestLine = 4_096
  /// Reads of one turn, so that a child that talks without end does not hold up the loop.
  private static let mostReads = 16

  private let name: String
  private let reading: Descriptor
  private let writing: Descriptor
  private var begun: [UInt8] = []
  private var isCutting = false
  private var limit = LogLimit(burst: 500, perSecond: 50)
  private var watch: EventLoop.Watch?

  /// - Parameter name: whose lines they are, where they do not say.
  init(_ name: String, on loop: EventLoop) throws(SystemError) {
    self.name = name
    var ends: (Int32, Int32) = (-1, -1)
    let result = withUnsafeMutableBytes(of: &ends) { pipe($0.bindMemory(to: Int32.self).baseAddress) }
    guard result == 0 else { throw SystemError("pipe", code: errno) }
    reading = Descriptor(adopting: ends.0)
    writing = Descriptor(adopting: ends.1)
    // Neither of the two ever waits for the other: what a full pipe does not take is lost.
    try reading.setNonBlocking()
    try writing.setNonBlocking()
    watch = try loop.watch(reading.number) { [weak self] in self?.read() }
  }

  /// Where the child is to write; stays owned here.
  var number: Int32 { writing.number }

  /// Reads what is there, above all a dead child's last words.
  func read() {
    var bytes = [UInt8](repeating: 0, count: 4_096)
    for _ in 0..<Self.mostReads {
      let count = Glibc.read(reading.number, &bytes, bytes.count)
      guard count > 0 else { return }
      take(bytes[..<count])
    }
  }

  /// The child is no more: a line that it has not ended has ended.
  func ended() {
    read()
    if !begun.isEmpty { line() }
    isCutting = false
  }

  private func take(_ bytes: ArraySlice<UInt8>) {
    for byte in bytes {
      if byte == 0x0a {
        if !isCutting { line() }
        isCutting = false
      } else if !isCutting {
        begun.append(byte)
        if begun.count == Self.longestLine {
          line()
          isCutting = true
        }
      }
    }
  }

  private func line() {
    let text = String(decoding: begun, as: UTF8.self)
    begun.removeAll(keepingCapacity: true)
    guard text.contains(where: { !$0.isWhitespace }), let leftOut = limit.take(at: .now()) else { return }
    if leftOut > 0 { Log.relay(LogLimit.notice(leftOut, of: name)) }
    Log.relay(LogEntry(written: text, by: name))
  }
}
