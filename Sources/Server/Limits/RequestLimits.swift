import Linux
import Signaling

/// Whom a bucket belongs to.
enum Requester: Hashable {
  case session(SessionID)
  case address(WebServer.AddressKey)
}

/// How often anyone may ask: the buckets of the route table for each session (or, on open routes, each address), and one
/// for everything that comes from an address.
struct RequestLimits {
  private var byAddress = TokenBuckets<WebServer.AddressKey>(capacity: 600, perSecond: 100)
  private var byKind: [Route.Bucket: TokenBuckets<Requester>] = Dictionary(
    uniqueKeysWithValues: Route.Bucket.allCases.map {
      ($0, TokenBuckets(capacity: Double($0.capacity), perSecond: $0.perSecond))
    })

  /// Throws `rateLimited`.
  mutating func take(address: WebServer.AddressKey, now: MonotonicTime) throws(APIError) {
    if let seconds = byAddress.take(address, now: now) { throw Self.refused(seconds) }
  }

  /// Throws `rateLimited`.
  mutating func take(_ kind: Route.Bucket, _ requester: Requester, now: MonotonicTime) throws(APIError) {
    if let seconds = byKind[kind]?.take(requester, now: now) { throw Self.refused(seconds) }
  }

  private static func refused(_ seconds: Int) -> APIError {
    APIError(.rateLimited, "too many requests", retryAfterSeconds: seconds)
  }
}
