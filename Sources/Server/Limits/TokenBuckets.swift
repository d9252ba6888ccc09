import Linux

/// Token buckets, one for each key, in bounded memory: what is forgotten first has been full longest.
struct TokenBuckets<Key: Hashable> {
  private struct Bucket {
    var tokens: Double
    var filledAt: MonotonicTime
  }

  let capacity: Double
  let perSecond: Double
  private let mostKeys: Int
  private var buckets: [Key: Bucket] = [:]

  init(capacity: Double, perSecond: Double, mostKeys: Int = 4096) {
    self.capacity = max(1, capacity)
    self.perSecond = max(perSecond, 0.0001)
    self.mostKeys = mostKeys
  }

  var count: Int { buckets.count }

  /// Takes a token. Otherwise gives the seconds until there is one, at least 1.
  mutating func take(_ key: Key, now: MonotonicTime) -> Int? {
    var bucket = filled(key, now)
    guard bucket.tokens >= 1 else {
      buckets[key] = bucket
      return max(1, Int(((1 - bucket.tokens) / perSecond).rounded(.up)))
    }
    bucket.tokens -= 1
    if buckets[key] == nil, buckets.count >= mostKeys { makeRoom(now) }
    buckets[key] = bucket
    return nil
  }

  /// Gives a token back, because the attempt was a good one.
  mutating func refund(_ key: Key, now: MonotonicTime) {
    guard buckets[key] != nil else { return }
    var bucket = filled(key, now)
    bucket.tokens = min(capacity, bucket.tokens + 1)
    buckets[key] = bucket
  }

  private func filled(_ key: Key, _ now: MonotonicTime) -> Bucket {
    guard var bucket = buckets[key] else { return Bucket(tokens: capacity, filledAt: now) }
    bucket.tokens = min(capacity, bucket.tokens + max(0, (now - bucket.filledAt).seconds) * perSecond)
    bucket.filledAt = now
    return bucket
  }

  /// Forgets the buckets that are full again; if there are none, a quarter of them, those that are fullest.
  private mutating func makeRoom(_ now: MonotonicTime) {
    buckets = buckets.filter { filled($0.key, now).tokens < capacity }
    guard buckets.count >= mostKeys else { return }
    let fullest = buckets.keys.map { ($0, filled($0, now).tokens) }.sorted { $0.1 > $1.1 }
    for (key, _) in fullest.prefix(max(1, mostKeys / 4)) { buckets[key] = nil }
  }
}
