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
  }

  /// Asked for so often, a packet is given up.
  public static let mostTries = 10
  /// A wider gap than this is no loss to mend but a new start: a key frame costs less.
  public static let widestGap = 256
  /// Requests for one packet are at least so far apart, on however short a round trip.
  public static let shortestInterval = Interval.milliseconds(10)

  private var highest: Int64?
  private var missing: [Missing] = []
  /// What `collect` found; valid until the next call.
  public private(set) var due: [UInt16] = []
  /// Set when the gap cannot be mended; the owner asks for a key frame and sets it back.
  public var needsKeyFrame = false

  public init() {
    missing.reserveCapacity(Self.widestGap)
    due.reserveCapacity(Self.widestGap)
  }

  public var missingCount: Int { missing.count }

  public mutating func receive(_ sequence: UInt16, now: MonotonicTime) -> Arrival {
    guard let highest else {
      self.highest = Int64(sequence)
      return .inOrder
    }
    let number = highest &+ Int64(sequence.distance(after: UInt16(truncatingIfNeeded: highest)))
    if number <= highest {
      guard let index = missing.firstIndex(where: { $0.sequence == number }) else { return .old }
      missing.remove(at: index)
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

  /// Puts into `due` what is to be asked for now. A packet is asked for at once when its gap shows, then once in each round trip.
  /// - Returns: whether there is anything.
  public mutating func collect(roundTrip: Interval, now: MonotonicTime) -> Bool {
    due.removeAll(keepingCapacity: true)
    let interval = max(roundTrip, Self.shortestInterval)
    var kept = 0
    for index in missing.indices {
      var entry = missing[index]
      if let asked = entry.asked, now - asked < interval {
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
    let interval = max(roundTrip, Self.shortestInterval)
    var earliest: MonotonicTime?
    for entry in missing {
      let time = entry.asked.map { $0 + interval } ?? entry.noticed
      if earliest.map({ time < $0 }) ?? true { earliest = time }
    }
    return earliest
  }
}
