import Glibc
import Linux
import Synchronization

@testable import Hardware

/// The kernel's part, played by a test: a card with its clock, its buffer, and whatever goes wrong. Time passes only in waits.
final class PlayedALSA: Sendable {
  struct Card {
    var now = MonotonicTime(microseconds: 7_000_000_000)
    var channels = 1
    var period = 240
    var buffer = 9_600
    /// Frames that were captured and not read, or written and not played.
    var filled = 0
    var state = ALSAState.other
    var hasTimes = true
    /// How fast its clock is: 1e-3 is 1000 ppm fast.
    var drift = 0.0
    /// Frames that the card keeps for itself.
    var further = 0
    /// What the next calls of a name say, one after the other, before the card works again.
    var faults: [String: [Int32]] = [:]
    /// Frames that the next reads or writes take, and no more.
    var shortReads: [Int] = []
    /// What waits say in place of what would come.
    var waits: [Result<ALSACalls.Woken, SystemError>] = []
    /// What was called, with what it was called for.
    var calls: [String] = []
    var open = 0
    /// What was written, all channels.
    var written: [Int16] = []
    /// The value of the next sample that is captured.
    var nextSample: Int16 = 0
    /// A tone is captured, in place of numbers.
    var hertz: Double?
    var phase = 0.0
    /// It makes no progress.
    var stands = false
    /// Parts of a microsecond.
    var remainder = 0.0
    var isCapturing: Bool
    init(isCapturing: Bool) { self.isCapturing = isCapturing }

    /// What every call says of a card that was pulled.
    var gone: Int32? { state == .disconnected ? ENODEV : nil }

    mutating func fault(_ call: String) -> Int32? {
      guard let code = faults[call]?.first else { return nil }
      faults[call]?.removeFirst()
      return code
    }
  }

  let card: Mutex<Card>
  init(_ card: Card) { self.card = Mutex(card) }

  func with<Value: Sendable>(_ body: (inout Card) -> Value) -> Value { card.withLock { body(&$0) } }

  func count(_ call: String) -> Int { with { $0.calls.count { $0 == call } } }

  var calls: ALSACalls {
    ALSACalls(
      open: { name, _ in
        self.with { card in
          card.calls.append("open \(name)")
          if let code = card.fault("open") { return .failure(SystemError("snd_pcm_open", code: code, about: name)) }
          card.open += 1
          card.filled = 0
          return .success(ALSAHandle(address: 1))
        }
      },
      configure: { _, request in
        self.with { card in
          card.calls.append("configure")
          if let code = card.fault("configure") {
            return .failure(SystemError("snd_pcm_hw_params_set_rate", code: code))
          }
          card.state = .prepared
          if !request.isCapture { card.buffer = min(card.buffer, max(request.buffer, 2 * card.period)) }
          return .success(ALSASetup(channels: card.channels, period: card.period, buffer: card.buffer))
        }
      },
      close: { _ in self.with { $0.open -= 1 } },
      prepare: { _ in
        self.simple("prepare") {
          $0.state = .prepared
          $0.filled = 0
        }
      },
      start: { _ in self.simple("start") { $0.state = .running } },
      resume: { _ in self.simple("resume") { $0.state = .running } },
      status: { _ in
        self.with { card in
          if let code = card.fault("status") { return .failure(SystemError("snd_pcm_status", code: code)) }
          let available = card.isCapturing ? card.filled : card.buffer - card.filled
          return .success(
            ALSAStatus(
              state: card.state, available: available, delay: card.filled + card.further,
              time: card.hasTimes ? card.now : nil))
        }
      },
      state: { _ in self.with { $0.state } },
      read: { _, samples, frames in
        self.with { card in
          if let code = card.fault("read") ?? card.gone { return -Int(code) }
          let count = min(frames, card.filled, card.shortReads.isEmpty ? .max : card.shortReads.removeFirst())
          for frame in 0..<count {
            for channel in 0..<card.channels {
              samples[frame * card.channels + channel] = channel == 0 ? card.nextSample : -1
            }
            card.advance()
          }
          card.filled -= count
          return count > 0 ? count : -Int(EAGAIN)
        }
      },
      write: { _, samples, frames in
        self.with { card in
          if let code = card.fault("write") ?? card.gone { return -Int(code) }
          let count = min(
            frames, card.buffer - card.filled, card.shortReads.isEmpty ? .max : card.shortReads.removeFirst())
          for index in 0..<count * card.channels { card.written.append(samples[index]) }
          card.filled += count
          return count > 0 ? count : -Int(EAGAIN)
        }
      },
      wait: { _, _, milliseconds in
        self.with { card in
          card.calls.append("wait")
          if !card.waits.isEmpty { return card.waits.removeFirst() }
          guard card.state == .running, !card.stands else {
            card.now = card.now + .milliseconds(Int64(milliseconds))
            return .success(ALSACalls.Woken())
          }
          card.pass(card.period)
          return .success(ALSACalls.Woken(ready: true))
        }
      },
      now: { self.with { $0.now } })
  }

  private func simple(_ call: String, _ body: @Sendable (inout Card) -> Void) -> Int32 {
    with { card in
      card.calls.append(call)
      if let code = card.fault(call) ?? card.gone { return code }
      body(&card)
      return 0
    }
  }
}

extension PlayedALSA.Card {
  /// Goes on to the next sample.
  mutating func advance() {
    guard let hertz else {
      nextSample = nextSample &+ 1
      return
    }
    phase += 2 * Double.pi * hertz / 48_000
    nextSample = Int16(8_000 * sin(phase))
  }

  /// Time passes for so many frames.
  mutating func pass(_ frames: Int) {
    let length = Double(frames) * 1e6 / Double(SoundFormat.sampleRate) / (1 + drift) + remainder
    now = now + .microseconds(Int64(length))
    remainder = length - length.rounded(.down)
    guard state == .running else { return }
    if isCapturing {
      filled += frames
      if filled >= buffer { state = .xrun }
    } else {
      filled -= frames
      if filled <= 0 {
        filled = 0
        state = .xrun
      }
    }
  }
}
