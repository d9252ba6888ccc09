import Links
import Linux

/// Makes presses of the edges of the two buttons. A pure state machine: edges and the time go in, presses come out.
///
/// - A contact bounces: the first edge counts at once, then the button is deaf for ``debounce``; the level it has when
///   that time is over counts as the next edge.
/// - A release before ``heldAfter`` is a short press, also one after more than a second: somebody who presses long and
///   sees nothing happen is worse off than somebody who is connected.
/// - At ``heldAfter`` the press counts as held, and its release no more.
/// - Both buttons down together are a chord: neither is short or held alone, and ``bothHeldAfter`` makes it `bothHeld`. A
///   button that has already counted as held takes no part in a chord, so a jammed HANGUP never disables CALL.
/// - A button down for ``stuckAfter`` is stuck, until it is released.
public struct PressClassifier: Sendable {
  public static let debounce = Interval.milliseconds(30)
  public static let heldAfter = Interval.seconds(3)
  public static let bothHeldAfter = Interval.seconds(5)
  public static let stuckAfter = Interval.seconds(30)

  private struct Button {
    /// What the contact says.
    var contact = false
    /// What counts: the contact without its bounce.
    var down = false
    var since = MonotonicTime(microseconds: 0)
    var deafUntil = MonotonicTime(microseconds: .min)
    /// Nothing more comes of this press: it was reported, or was part of a chord.
    var spent = false
    var stuck = false
  }
  private var call = Button()
  private var hangUp = Button()
  /// Since when both are down as a chord.
  private var chordSince: MonotonicTime?

  public init() {}

  /// Buttons that are stuck now.
  public var stuck: [ButtonName] { ButtonName.allCases.filter { self[$0].stuck } }

  /// An edge of a contact; repeated and bouncing ones are expected.
  public mutating func edge(_ name: ButtonName, down: Bool, at now: MonotonicTime) -> [Press] {
    var presses = poll(now)
    self[name].contact = down
    presses += settle(name, now)
    return presses
  }

  /// What the passing of time makes of buttons that are down.
  public mutating func poll(_ now: MonotonicTime) -> [Press] {
    var presses: [Press] = []
    // In the order in which it was due, so a late poll gives what timely ones would have given.
    while let due = nextTimeout, due <= now {
      let before = self[.call].deafUntil
      let beforeOther = self[.hangUp].deafUntil
      for name in ButtonName.allCases { presses += settle(name, due) + hold(name, due) }
      presses += chord(due)
      // Nothing can be due twice.
      if nextTimeout == due, before == self[.call].deafUntil, beforeOther == self[.hangUp].deafUntil { break }
    }
    return presses
  }

  /// When ``poll(_:)`` has something to do; nil while it depends on edges alone.
  public var nextTimeout: MonotonicTime? {
    var times: [MonotonicTime] = []
    for name in ButtonName.allCases {
      let button = self[name]
      if button.contact != button.down { times.append(button.deafUntil) }
      if button.down, !button.spent, chordSince == nil { times.append(button.since + Self.heldAfter) }
      if button.down, !button.stuck { times.append(button.since + Self.stuckAfter) }
    }
    if let chordSince { times.append(chordSince + Self.bothHeldAfter) }
    return times.min()
  }

  /// Takes over the level of the contact once the button is no longer deaf.
  private mutating func settle(_ name: ButtonName, _ now: MonotonicTime) -> [Press] {
    let button = self[name]
    guard button.contact != button.down, now >= button.deafUntil else { return [] }
    self[name].down = button.contact
    self[name].deafUntil = now + Self.debounce
    if button.contact {
      self[name].since = now
      self[name].spent = false
      let other = self[name == .call ? .hangUp : .call]
      if other.down, !other.spent { chordSince = now }
      return []
    }
    self[name].stuck = false
    guard !button.spent else { return [] }
    self[name].spent = true
    if chordSince != nil {
      chordSince = nil
      call.spent = true
      hangUp.spent = true
      return []
    }
    return [.short(name)]
  }

  private mutating func hold(_ name: ButtonName, _ now: MonotonicTime) -> [Press] {
    var presses: [Press] = []
    let button = self[name]
    guard button.down else { return [] }
    if !button.spent, chordSince == nil, now >= button.since + Self.heldAfter {
      self[name].spent = true
      presses.append(.held(name))
    }
    if !button.stuck, now >= button.since + Self.stuckAfter {
      self[name].stuck = true
      presses.append(.stuck(name))
    }
    return presses
  }

  private mutating func chord(_ now: MonotonicTime) -> [Press] {
    guard let since = chordSince, now >= since + Self.bothHeldAfter else { return [] }
    chordSince = nil
    call.spent = true
    hangUp.spent = true
    return [.bothHeld]
  }

  private subscript(name: ButtonName) -> Button {
    get { name == .call ? call : hangUp }
    set { if name == .call { call = newValue } else { hangUp = newValue } }
  }
}
