import Glibc

/// Renders a tone sequence as samples, block by block. Tones fade in and out within 5 ms, so nothing clicks.
public struct ToneGenerator: Sendable {
  private let sequence: ToneSequence
  private let sampleRate: Int
  /// A quarter of full scale: clear, and leaves room for speech to be mixed in.
  private let amplitude = 8_000.0
  private var step = 0
  private var sampleInStep = 0
  private var phase = 0.0

  public init(_ sequence: ToneSequence, sampleRate: Int = 48_000) {
    self.sequence = sequence
    self.sampleRate = sampleRate
  }

  /// Whether a sequence that does not repeat is over.
  public var isDone: Bool { step >= sequence.steps.count }

  /// Adds the next samples to a block, limited to 16 bits.
  public mutating func mix(into block: UnsafeMutableBufferPointer<Int16>) {
    for index in block.indices {
      guard let sample = next() else { return }
      let sum = Int32(block[index]) + Int32(sample)
      block[index] = Int16(clamping: sum)
    }
  }

  private mutating func next() -> Int16? {
    guard step < sequence.steps.count else { return nil }
    let current = sequence.steps[step]
    let length = current.milliseconds * sampleRate / 1_000
    var value = 0.0
    if current.hertz > 0 {
      let ramp = sampleRate / 200
      let edge = min(sampleInStep, length - 1 - sampleInStep)
      let gain = edge < ramp ? Double(edge) / Double(ramp) : 1
      value = sin(phase) * amplitude * gain
      phase += 2 * Double.pi * Double(current.hertz) / Double(sampleRate)
      if phase > 2 * Double.pi { phase -= 2 * Double.pi }
    }
    sampleInStep += 1
    if sampleInStep >= length {
      sampleInStep = 0
      phase = 0
      step += 1
      if step == sequence.steps.count, sequence.repeats { step = 0 }
    }
    return Int16(value)
  }
}
