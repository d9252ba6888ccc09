import Linux
import Signaling

/// How often passwords may be tried: for one account, whether it exists or not, and from one address. A right password
/// gives its tokens back, so nobody is locked out by signing in often.
struct AttemptLimits {
  private var byAccount: TokenBuckets<String>
  private var byAddress: TokenBuckets<WebServer.AddressKey>
  private var registrations: TokenBuckets<WebServer.AddressKey>

  init(attemptsPerMinute: Int, registrationsPerMinute: Int) {
    let attempts = Double(attemptsPerMinute)
    let registering = Double(registrationsPerMinute)
    byAccount = TokenBuckets(capacity: attempts, perSecond: attempts / 60)
    // People of one phone or one test may have several accounts.
    byAddress = TokenBuckets(capacity: 3 * attempts, perSecond: 3 * attempts / 60)
    registrations = TokenBuckets(capacity: registering, perSecond: registering / 60)
  }

  /// Throws `tooManyAttempts`.
  mutating func attempt(account: String, address: WebServer.AddressKey, now: MonotonicTime) throws(APIError) {
    if let seconds = byAddress.take(address, now: now) { throw Self.refused(seconds) }
    if let seconds = byAccount.take(account, now: now) { throw Self.refused(seconds) }
  }

  mutating func succeeded(account: String, address: WebServer.AddressKey, now: MonotonicTime) {
    byAccount.refund(account, now: now)
    byAddress.refund(address, now: now)
  }

  /// Throws `tooManyAttempts`.
  mutating func register(address: WebServer.AddressKey, now: MonotonicTime) throws(APIError) {
    if let seconds = registrations.take(address, now: now) { throw Self.refused(seconds) }
  }

  static func refused(_ seconds: Int) -> APIError {
    APIError(.tooManyAttempts, "too many attempts", retryAfterSeconds: seconds)
  }
}
