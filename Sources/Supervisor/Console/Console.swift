import Glibc
import Links
import Linux

/// The terminal of `fieldbox supervise`: draws the screen, and keys are the buttons. Gives the terminal back as it was.
final class Console {
  struct Actions {
    var status: () -> BoxStatus
    /// A key that is a button: pressed for so long.
    var press: (ButtonName, Interval) -> Void
    var quit: () -> Void
  }

  private static let shortPress = Interval.milliseconds(120)
  private static let longPress = Interval.milliseconds(3_200)

  private let loop: EventLoop
  private let actions: Actions
  private let lines: Mailbox<String>
  private var log: [String] = []
  private var before = termios()
  private var input: EventLoop.Watch?
  private var redraw: LoopTimer?
  private var isOpen = false

  /// Also in the foreground: whoever writes to the terminal's settings from the background is stopped.
  static var isPossible: Bool { isatty(0) == 1 && isatty(1) == 1 && tcgetpgrp(0) == getpgrp() }

  init(on loop: EventLoop, _ actions: Actions) throws(SystemError) {
    self.loop = loop
    self.actions = actions
    lines = try Mailbox(capacity: 1_000)
  }

  func open() throws(SystemError) {
    guard tcgetattr(0, &before) == 0 else { throw SystemError("tcgetattr", code: errno) }
    var raw = before
    // Its keys for signals too: a box that is suspended or ends without a word would keep the terminal as it is here.
    raw.c_lflag &= ~UInt32(ECHO | ICANON | ISIG)
    // Ctrl-S would stop the whole box at the next picture of it.
    raw.c_iflag &= ~UInt32(IXON)
    guard tcsetattr(0, TCSANOW, &raw) == 0 else { throw SystemError("tcsetattr", code: errno) }
    isOpen = true
    // The other screen, no cursor.
    Terminal.write("\u{1b}[?1049h\u{1b}[?25l\u{1b}[2J")
    input = try loop.watch(0) { [weak self] in self?.readKeys() }
    try loop.attach(lines) { [weak self] in self?.note($0) }
    let lines = lines
    Log.setSink { _, line in lines.send(line) }
    draw()
  }

  /// Back to how the terminal was.
  func close() {
    guard isOpen else { return }
    isOpen = false
    Log.setSink(nil)
    input?.cancel()
    redraw?.cancel()
    Terminal.write("\u{1b}[?25h\u{1b}[?1049l")
    tcsetattr(0, TCSANOW, &before)
    for line in lines.drain() { note(line) }
    // What was said last stays readable.
    for line in log.suffix(5) { Terminal.write(line + "\n") }
  }

  /// Something has changed; drawn at most 30 times a second.
  func changed() {
    guard isOpen, redraw?.isPending != true else { return }
    redraw = loop.after(.milliseconds(33)) { [weak self] in self?.draw() }
  }

  private func draw() {
    guard isOpen else { return }
    let (columns, rows) = Terminal.size(1)
    let screen = ConsoleView(columns: columns, rows: rows).render(actions.status(), log: log)
    Terminal.write("\u{1b}[H" + screen + "\u{1b}[J")
  }

  private func note(_ line: String) {
    log.append(line)
    if log.count > 200 { log.removeFirst(100) }
    changed()
  }

  /// Where in the sequence of an arrow or its like the keys are (ECMA-48, section 5.4).
  private enum Escape { case none, begun, control, single }
  private var escape = Escape.none

  /// Arrows and their like are sent as an escape and letters, which are not the keys of these letters.
  private func isKey(_ byte: UInt8) -> Bool {
    switch escape {
    case .none:
      if byte == 27 { escape = .begun }
      return byte != 27
    case .begun:
      escape = byte == UInt8(ascii: "[") ? .control : byte == UInt8(ascii: "O") ? .single : .none
      return escape == .none
    case .control:
      if (0x40...0x7e).contains(byte) { escape = .none }
    case .single:
      escape = .none
    }
    return false
  }

  private func readKeys() {
    var keys = [UInt8](repeating: 0, count: 64)
    let count = read(0, &keys, keys.count)
    guard count > 0 else {
      // The terminal is gone.
      if count == 0 || (errno != EAGAIN && errno != EINTR) {
        input?.cancel()
        actions.quit()
      }
      return
    }
    for key in keys[..<count] {
      guard isKey(key) else { continue }
      switch key {
      case UInt8(ascii: "c"): actions.press(.call, Self.shortPress)
      case UInt8(ascii: "h"): actions.press(.hangUp, Self.shortPress)
      case UInt8(ascii: "C"): actions.press(.call, Self.longPress)
      case UInt8(ascii: "H"): actions.press(.hangUp, Self.longPress)
      // And Ctrl-C and Ctrl-\.
      case UInt8(ascii: "q"), 3, 28: actions.quit()
      default: break
      }
    }
  }
}
