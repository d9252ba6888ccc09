import Linux
import Signaling

extension FuzzTarget {
  /// What a server left for the next one. Whatever of it is taken, the switchboard goes on with it: its timers end all calls, and
  /// what it would leave itself can be read again.
  static let serverMemory = FuzzTarget(
    "serverMemory", seeds: { [ringing].compactMap { $0 } },
    run: { view in
      guard let memory = SwitchboardMemory(view.array) else { return nil }
      var board = Switchboard(random: Counter())
      var now = Moment(monotonic: MonotonicTime(microseconds: 5_000_000), wall: WallTime(milliseconds: 5_000))
      board.update(Account(id: ann.user, displayName: "Ann", administrator: true), now: now)
      board.restore(memory, now: now) { _ in true }
      board.mediaLinked(now: now)
      board.press(.short(.call), now: now)
      board.press(.short(.hangUp), now: now)
      _ = board.drain()
      for _ in 0..<4 {
        now.monotonic = now.monotonic + .seconds(3_600)
        board.poll(now: now)
        _ = board.drain()
      }
      guard let left = try? board.memory.encoded(), SwitchboardMemory(left) != nil else {
        return "what it leaves cannot be read"
      }
      return nil
    })

  private static let ann = Identity(user: UserID("ann"), session: SessionID("s"))

  /// The box rings ann.
  private static let ringing: [UInt8]? = {
    var board = Switchboard(random: Counter())
    let now = Moment(monotonic: MonotonicTime(microseconds: 1_000_000), wall: WallTime(milliseconds: 1_000))
    board.update(Account(id: ann.user, displayName: "Ann", administrator: true), now: now)
    try? board.attach(stream: StreamID(1), identity: ann, resume: nil, localAddress: "10.0.0.1", now: now)
    board.press(.short(.call), now: now)
    return try? board.memory.encoded()
  }()
}
