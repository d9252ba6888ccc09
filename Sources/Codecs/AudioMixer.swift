/// Sums blocks of sound. The sum is kept wide and cut only when it is taken out, so the order of the sources does not
/// matter and nothing wraps around.
public struct AudioMixer {
  /// Samples in a block.
  public let count: Int
  private var sum: [Int32]

  public init(count: Int) {
    self.count = max(0, count)
    sum = Array(repeating: 0, count: self.count)
  }

  /// Adds a block; what is longer than the mixer's block is left out.
  public mutating func add(_ samples: UnsafeBufferPointer<Int16>) {
    let count = min(count, samples.count)
    sum.withUnsafeMutableBufferPointer { sum in
      for i in 0..<count { sum[i] = sum[i] &+ Int32(samples[i]) }
    }
  }

  /// Writes the sum, saturated at the ends of the range, and begins anew.
  public mutating func take(into samples: UnsafeMutableBufferPointer<Int16>) {
    let count = min(count, samples.count)
    sum.withUnsafeMutableBufferPointer { sum in
      for i in 0..<count { samples[i] = Int16(clamping: sum[i]) }
      sum.update(repeating: 0)
    }
  }
}
