import Linux

/// Notices missing packets of one received stream and says which to ask for again, and when (RFC 4585 section 3.5).
public struct NackGenerator {
  /// What a packet's sequence number means.
  public enum Arrival: Equatable, Sendable {
    case inOrder
    /// Packets before this one are missing.
    case gap(Int)
    /// It was missing, and has come after all.
    case recovered
    /// It has been here before, or was given up.
    case old
  }

  private struct Missing {
    var sequence: Int64
    /// When its gap showed.
    var noticed: MonotonicTime
    var asked: MonotonicTime?
    var tries = 0

    /// When it is to be asked for.
    func due(roundTrip: Interval, patience: Interval) -> MonotonicTime {
      guard let asked else { return noticed + patience }
      // Less and less often: on a way that is full more requests would make it fuller.
      let interval = max(roundTrip, NackGenerator.shortestInterval)
      return asked + .microseconds(interval.microseconds * Int64(1 + tries) / 2)
    }
  }

  /// Asked for so often, a packet is given up.
  public static let mostTries = 10
  /// A wider gap than this is no loss to mend but a new start: a key frame costs less.
  public static let widestGap = 256
  /// Requests for one packet are at least so far apart, on however short a round trip.
  public static let shortestInterval = Interval.milliseconds(10)

  /// So long at most a packet is waited for that others have overtaken.
  private static let longestPatience = Interval.milliseconds(60)

  private var highest: Int64?
  private var missing: [Missing] = []
  /// How late those come that others have overtaken: where that happens it is no loss.
  private var patience = Interval.zero
  /// What `collect` found; valid until the next call.
  public private(set) var due: [UInt16] = []
  /// Set when the gap cannot be mended; the owner asks for a key frame and sets it back.
  public var needsKeyFrame = false

  public init() {
    missing.reserveCapacity(Self.widestGap)
    due.reserveCapacity(Self.widestGap)
  }

  public var missingCount: Int { missing.count }

  /// - Parameter isRepeated: it came as a retransmission.
  public mutating func receive(_ sequence: UInt16, isRepeated: Bool = false, now: MonotonicTime) -> Arrival {
    guard let highest else {
      self.highest = Int64(sequence)
      return .inOrder
    }
    let number = highest &+ Int64(sequence.distance(after: UInt16(truncatingIfNeeded: highest)))
    if number <= highest {
      guard let index = missing.firstIndex(where: { $0.sequence == number }) else { return .old }
      let entry = missing.remove(at: index)
      noteLate(now - entry.noticed, isRepeated)
      return .recovered
    }
    self.highest = number
    let lost = Int(number - highest - 1)
    if lost == 0 { return .inOrder }
    guard lost + missing.count <= Self.widestGap else {
      missing.removeAll(keepingCapacity: true)
      needsKeyFrame = true
      return .gap(lost)
    }
    for number in (highest + 1)..<number { missing.append(Missing(sequence: number, noticed: now)) }
    return .gap(lost)
  }

  private mutating func noteLate(_ late: Interval, _ isRepeated: Bool) {
    if isRepeated {
      // What was waited for in vain.
      patience = .microseconds(patience.microseconds * 15 / 16)
    } else if late > patience {
      patience = min(late, Self.longestPatience)
    } else {
      patience = .microseconds((patience.microseconds * 63 + late.microseconds) / 64)
    }
  }

  /// Puts into `due` what is to be asked for now. A packet is asked for when its gap shows and it is not
  /// just late, then each time a round trip has passed, and less often with each try.
  /// - Returns: whether there is anything.
  public mutating func collect(roundTrip: Interval, now: MonotonicTime) -> Bool {
    due.removeAll(keepingCapacity: true)
    var kept = 0
    for index in missing.indices {
      var entry = missing[index]
      if now < entry.due(roundTrip: roundTrip, patience: patience) {
        missing[kept] = entry
        kept += 1
        continue
      }
      guard entry.tries < Self.mostTries else {
        needsKeyFrame = true
        continue
      }
      entry.tries += 1
      entry.asked = now
      due.append(UInt16(truncatingIfNeeded: entry.sequence))
      missing[kept] = entry
      kept += 1
    }
    missing.removeLast(missing.count - kept)
    return !due.isEmpty
  }

  /// When `collect` has something to do; nil while nothing is missing.
  public func nextTimeout(roundTrip: Interval) -> MonotonicTime? {
    var earliest: MonotonicTime?
    for entry in missing {
      let time = entry.due(roundTrip: roundTrip, patience: patience)
      if earliest.map({ time < $0 }) ?? true { earliest = time }
    }
    return earliest
  }
}
