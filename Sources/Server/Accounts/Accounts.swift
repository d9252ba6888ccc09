import Linux
import Signaling

/// Registration and sign-in: the store, the throttle and the hashing together.
final class Accounts {
  private let users: UserStore
  private let hasher: PasswordHasher
  private let mostAccounts: Int
  private var limits: AttemptLimits

  init(users: UserStore, hasher: PasswordHasher, limits: AttemptLimits, mostAccounts: Int) {
    self.users = users
    self.hasher = hasher
    self.limits = limits
    self.mostAccounts = mostAccounts
  }

  func all() throws(DatabaseError) -> [StoredUser] { try users.all() }
  func user(_ id: UserID) throws(DatabaseError) -> StoredUser? { try users.user(id.rawValue) }
  func makeAdministrator(_ id: UserID) throws(DatabaseError) { try users.makeAdministrator(id.rawValue) }

  /// Checks everything that can be checked at once, then hashes and stores; `done` is called on the loop.
  func register(
    _ request: RegisterRequest, from address: WebServer.AddressKey, now: Moment,
    done: @escaping (Result<StoredUser, APIError>) -> Void
  ) throws(APIError) {
    let id = try Validation.id(request.id)
    let displayName = try Validation.displayName(request.displayName)
    try Validation.password(request.password)
    try limits.register(address: address, now: now.monotonic)
    let (isTaken, count): (Bool, Int)
    do throws(DatabaseError) {
      (isTaken, count) = (try users.user(id.rawValue) != nil, try users.count())
    } catch {
      throw Self.internalError(error)
    }
    guard !isTaken else { throw Self.taken }
    guard count < mostAccounts else {
      throw APIError(.wrongState, "the box has as many accounts as it may have")
    }
    let user = StoredUser(id: id.rawValue, displayName: displayName, administrator: false, created: now.wall)
    let job = PasswordHasher.Job.hash(request.password, salt: Random.bytes(PasswordHash.saltBytes))
    let accepted = hasher.submit(job) { [users] outcome in
      guard case .hashed(let hash) = outcome else {
        return done(.failure(APIError(.internal, "the password could not be hashed")))
      }
      do throws(DatabaseError) {
        try users.insert(user, passwordHash: hash)
        done(.success(user))
      } catch .constraint {
        // Somebody else registered it while this one was hashed.
        done(.failure(Self.taken))
      } catch {
        done(.failure(Self.internalError(error)))
      }
    }
    guard accepted else { throw AttemptLimits.refused(2) }
  }

  /// Answers the same, and after the same time, for a wrong password and for an id that nobody has.
  func signIn(
    _ request: SignInRequest, from address: WebServer.AddressKey, now: Moment,
    done: @escaping (Result<StoredUser, APIError>) -> Void
  ) throws(APIError) {
    let id = try? Validation.id(request.id)
    // What cannot be an id is throttled as one account.
    let account = id?.rawValue ?? ""
    try limits.attempt(account: account, address: address, now: now.monotonic)
    var user: StoredUser?
    var encoded: String?
    do throws(DatabaseError) {
      if let id {
        user = try users.user(id.rawValue)
        encoded = try users.passwordHash(of: id.rawValue)
      }
    } catch {
      throw Self.internalError(error)
    }
    let job = PasswordHasher.Job.verify(request.password, encoded: encoded ?? PasswordHash.ofNobody)
    let accepted = hasher.submit(job) { [weak self, user] outcome in
      guard outcome != .failed else { return done(.failure(APIError(.internal, "the password could not be checked"))) }
      guard let user, outcome == .verified(true) else {
        let name = id?.rawValue ?? "an impossible id"
        Log.warning(
          "audit: sign-in of \(name) from \(address) failed",
          ["AUDIT": "sign-in failed", "USER": name, "ADDRESS": "\(address)"])
        return done(.failure(APIError(.wrongCredentials, "unknown id or wrong password")))
      }
      self?.limits.succeeded(account: account, address: address, now: .now())
      done(.success(user))
    }
    guard accepted else { throw AttemptLimits.refused(2) }
  }

  private static var taken: APIError { APIError(.idTaken, "somebody has this id", field: "id") }

  /// The client learns nothing of the database, but that it is no use to try again.
  static func internalError(_ error: DatabaseError) -> APIError {
    Log.error("store: \(error)")
    if error.isOfTheDisk { return APIError(.storage, "the box can store nothing: its disk is full or fails") }
    return APIError(.internal, "the box could not store or read this")
  }
}
