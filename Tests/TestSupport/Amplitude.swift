import Glibc

/// The amplitude of one frequency in sound, of 0 to 32,768 (Goertzel).
public func amplitude(of hertz: Double, in samples: some Sequence<Int16>, rate: Double = 48_000) -> Double {
  let coefficient = 2 * cos(2 * Double.pi * hertz / rate)
  var (last, before, count) = (0.0, 0.0, 0.0)
  for sample in samples {
    (last, before) = (Double(sample) + coefficient * last - before, last)
    count += 1
  }
  return 2 * (last * last + before * before - coefficient * last * before).squareRoot() / max(count, 1)
}
