import Linux
import TestSupport

@testable import WebRTC

/// A talker who sends a packet each 20 ms, a network, a jitter buffer and a speaker that takes 10 ms at a time: all in virtual time.
final class SoundPath {
  struct Conditions {
    /// Milliseconds that every packet takes.
    var delay = 1.0
    /// At most so many milliseconds more, evenly spread.
    var jitter = 0.0
    /// Shares of packets, 0 to 1.
    var loss = 0.0
    var duplication = 0.0
    /// Every so many packets are quiet, 0 for none, 1 for all.
    var quietEvery = 0
    var hasForwardErrorCorrection = false
    /// The talker's clock against ours: 1e-4 is 100 ppm fast.
    var drift = 0.0
  }

  /// One answer of the buffer.
  enum Played: Equatable {
    case packet(Int)
    /// The packet of this number, read from the next.
    case recovered(Int)
    case conceal(Int)
    case silence
  }

  var conditions = Conditions()
  let buffer: AudioJitterBuffer
  private(set) var played: [Played] = []
  /// Milliseconds from a packet's start to the moment its sound goes to the speaker.
  private(set) var latencies: [(packet: Int, milliseconds: Double)] = []
  private(set) var sent = 0
  /// Sequence number and timestamp of packet 0.
  var firstSequence: UInt16 = 65_000
  var firstTimestamp: UInt32 = 4_294_000_000
  private var now: Int64 = 1_000_000_000
  private var nextSend: Double = 1_000_000_000
  private var nextTick: Int64 = 1_000_003_000
  private var network: [(arrival: Int64, packet: Int)] = []
  private var samples = 0
  private var random: SeededGenerator
  private let payload = PacketBuffer(length: 8)
  /// Whether the talker pauses: time goes on, nothing is sent.
  var isPaused = false
  /// Whether the network holds everything back.
  var isHeld = false
  /// Whether the speaker takes sound.
  var isPulling = true
  private var skippedTicks = 0
  private var pausesBefore: [Int: Int] = [:]

  init(seed: UInt64, buffer: AudioJitterBuffer = AudioJitterBuffer()) {
    random = SeededGenerator(seed: seed)
    self.buffer = buffer
  }

  /// The talker stops and then goes on where it was, as if no time had passed for it.
  func stall(milliseconds: Double) { nextSend += milliseconds * 1000 }

  func run(milliseconds: Int64) {
    let end = now + milliseconds * 1000
    while now < end {
      while nextSend <= Double(now) { send() }
      deliver()
      while nextTick <= now {
        nextTick += 10_000
        if isPulling { tick() }
      }
      now = min(end, min(nextTick, min(Int64(nextSend.rounded(.up)), network.map(\.arrival).min() ?? .max)))
      if isHeld { now = min(end, min(nextTick, Int64(nextSend.rounded(.up)))) }
    }
  }

  private func send() {
    let at = nextSend
    nextSend += 20_000 / (1 + conditions.drift)
    if isPaused {
      skippedTicks += 960
      return
    }
    defer { sent += 1 }
    pausesBefore[sent] = skippedTicks
    if Double.random(in: 0..<1, using: &random) < conditions.loss { return }
    let copies = Double.random(in: 0..<1, using: &random) < conditions.duplication ? 2 : 1
    for _ in 0..<copies {
      let extra = conditions.jitter > 0 ? Double.random(in: 0..<conditions.jitter, using: &random) : 0
      network.append((Int64(at + (conditions.delay + extra) * 1000), sent))
    }
  }

  private func deliver() {
    guard !isHeld else { return }
    for (_, packet) in network.filter({ $0.arrival <= now }).sorted(by: { $0.arrival < $1.arrival }) {
      payload.view.set(0, UInt64(packet))
      buffer.insert(
        sequence: firstSequence &+ UInt16(truncatingIfNeeded: packet),
        timestamp: firstTimestamp &+ UInt32(truncatingIfNeeded: packet * 960 + (pausesBefore[packet] ?? 0)),
        payload: payload.view, samples: 960,
        isQuiet: conditions.quietEvery > 0 && packet % conditions.quietEvery == 0,
        hasForwardErrorCorrection: conditions.hasForwardErrorCorrection, now: MonotonicTime(microseconds: now))
    }
    network.removeAll { $0.arrival <= now }
  }

  private func tick() {
    while samples < 480 {
      let output = buffer.pull(now: MonotonicTime(microseconds: now))
      samples += output.samples
      switch output {
      case .packet(let view, _):
        let packet = Int(view.u64(0) ?? 0)
        played.append(.packet(packet))
        let start =
          1_000_000_000 + Double(packet * 20_000 + (pausesBefore[packet] ?? 0) / 48 * 1000) / (1 + conditions.drift)
        latencies.append((packet, (Double(now) - start) / 1000))
      case .recovered(let view, _): played.append(.recovered(Int(view.u64(0) ?? 0) - 1))
      case .conceal(let samples): played.append(.conceal(samples))
      case .silence: played.append(.silence)
      }
    }
    samples -= 480
  }

  /// Numbers of the packets heard, whole or recovered.
  var heard: [Int] {
    played.compactMap {
      switch $0 {
      case .packet(let number), .recovered(let number): number
      default: nil
      }
    }
  }

  /// Milliseconds concealed from the answer at an index on.
  func concealed(from index: Int = 0) -> Int {
    played[index...].reduce(0) { if case .conceal(let samples) = $1 { $0 + samples / 48 } else { $0 } }
  }

  /// The latencies of the packets sent from this one on.
  func latencies(from packet: Int) -> [Double] { latencies.filter { $0.packet >= packet }.map(\.milliseconds) }
}
