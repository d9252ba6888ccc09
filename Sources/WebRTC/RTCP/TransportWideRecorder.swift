import Linux

/// Notes when each packet of a transport arrived and reports it to the sender's congestion control
/// (draft-holmer-rmcat-transport-wide-cc-extensions-01).
public struct TransportWideRecorder {
  /// A report goes out so long after the first packet it is about.
  public static let interval = Interval.milliseconds(100)
  /// More packets do not go into one report.
  private static let mostPackets = 448
  private static let capacity = 1024

  /// Arrival in microseconds by sequence; the number tells whether a slot is this round's.
  private var arrivals: [(number: Int64, time: Int64)]
  private var unwrapper = SequenceUnwrapper()
  private var next: Int64?
  private var highest: Int64 = 0
  private var reportNumber: UInt8 = 0
  private var symbols: [UInt8] = []
  private var deltas: [Int16] = []
  /// When `write` should be called; nil while nothing is to be reported.
  public private(set) var nextTimeout: MonotonicTime?

  public init() {
    arrivals = Array(repeating: (-1, 0), count: Self.capacity)
    symbols.reserveCapacity(Self.mostPackets)
    deltas.reserveCapacity(Self.mostPackets)
  }

  public mutating func receive(_ sequence: UInt16, now: MonotonicTime) {
    let number = unwrapper.unwrap(sequence) &+ 65_536
    if let next, number < next { return }
    if next == nil { next = number }
    // A jump wider than the ring starts anew.
    if number - (next ?? number) >= Int64(Self.capacity) { next = number }
    arrivals[Int(number & Int64(Self.capacity - 1))] = (number, now.microseconds)
    highest = max(highest, number)
    if nextTimeout == nil { nextTimeout = now + Self.interval }
  }

  /// Writes one report if there is anything to say; call again while it gives true.
  public mutating func write(
    into writer: inout RTCPWriter, sender: UInt32, media: UInt32, now: MonotonicTime
  ) -> Bool {
    guard let first = next, first <= highest else {
      nextTimeout = nil
      return false
    }
    guard let base = firstArrival(from: first) else {
      next = highest + 1
      nextTimeout = nil
      return false
    }
    let reference = base / 64_000
    collect(from: first, reference: reference * 64_000)
    let count = symbols.count
    let number = reportNumber
    let (symbols, deltas) = (symbols, deltas)
    writer.packet(RTCPType.transportFeedback, RTCPType.transportWide) { body in
      body.put(sender)
      body.put(media)
      body.put(UInt16(truncatingIfNeeded: first))
      body.put(UInt16(truncatingIfNeeded: count))
      body.put(UInt32(truncatingIfNeeded: reference) << 8 | UInt32(number))
      Self.putChunks(symbols, &body)
      for (symbol, delta) in zip(symbols.lazy.filter { $0 != 0 }, deltas) {
        if symbol == 1 { body.put(UInt8(truncatingIfNeeded: delta)) } else { body.put(delta) }
      }
    }
    reportNumber &+= 1
    next = first + Int64(count)
    nextTimeout = first + Int64(count) > highest ? nil : now
    return true
  }

  private func arrival(_ number: Int64) -> Int64? {
    let slot = arrivals[Int(number & Int64(Self.capacity - 1))]
    return slot.number == number ? slot.time : nil
  }

  private func firstArrival(from first: Int64) -> Int64? {
    var number = first
    while number <= highest {
      if let time = arrival(number) { return time }
      number += 1
    }
    return nil
  }

  /// Fills `symbols` (0 missing, 1 small delta, 2 large delta) and `deltas` (units of 250 µs).
  private mutating func collect(from first: Int64, reference: Int64) {
    symbols.removeAll(keepingCapacity: true)
    deltas.removeAll(keepingCapacity: true)
    var (number, ticks) = (first, reference / 250)
    while number <= highest, symbols.count < Self.mostPackets {
      if let time = arrival(number) {
        let delta = time / 250 - ticks
        // Too far apart for one report: the rest goes into the next.
        guard let delta = Int16(exactly: delta) else { return }
        symbols.append((0...255).contains(delta) ? 1 : 2)
        deltas.append(delta)
        ticks += Int64(delta)
      } else {
        symbols.append(0)
      }
      number += 1
    }
  }

  /// Runs of seven and more equal symbols as run lengths, the rest as vectors of seven (sections 3.1.3 and 3.1.4).
  private static func putChunks(_ symbols: [UInt8], _ body: inout ByteWriter) {
    var at = 0
    while at < symbols.count {
      let symbol = symbols[at]
      var run = 1
      while at + run < symbols.count, symbols[at + run] == symbol { run += 1 }
      if run >= 7 || at + run == symbols.count {
        body.put(UInt16(symbol) << 13 | UInt16(truncatingIfNeeded: run))
        at += run
        continue
      }
      var chunk: UInt16 = 0xc000
      for index in 0..<7 where at + index < symbols.count {
        chunk |= UInt16(symbols[at + index]) << UInt16(12 - 2 * index)
      }
      body.put(chunk)
      at += 7
    }
  }
}
