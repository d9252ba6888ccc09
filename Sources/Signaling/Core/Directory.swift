import Linux

/// An account, as far as calls need it.
public struct Account: Sendable, Equatable {
  public var id: UserID
  public var displayName: String
  public var administrator: Bool
  /// When it was registered; nil if that was before the server's start.
  public var registered: MonotonicTime?
  public init(id: UserID, displayName: String, administrator: Bool, registered: MonotonicTime? = nil) {
    self.id = id
    self.displayName = displayName
    self.administrator = administrator
    self.registered = registered
  }

  var me: Me { Me(id: id, displayName: displayName, administrator: administrator) }
}

/// The accounts in the order of their registration.
struct Directory: Sendable {
  /// How long after its registration an account may become the first administrator.
  static let promotionWindow = Interval.seconds(60)

  private(set) var ids: [UserID] = []
  private var accounts: [UserID: Account] = [:]

  subscript(id: UserID) -> Account? { accounts[id] }

  /// Adds or changes one; false if nothing changed.
  mutating func update(_ account: Account) -> Bool {
    let old = accounts.updateValue(account, forKey: account.id)
    if old == nil { ids.append(account.id) }
    return old != account
  }

  mutating func remove(_ id: UserID) -> Bool {
    ids.removeAll { $0 == id }
    return accounts.removeValue(forKey: id) != nil
  }

  var firstAdministrator: UserID? { ids.first { accounts[$0]?.administrator == true } }

  /// Makes the first account that registered within the window an administrator, if there is none yet.
  mutating func promote(now: MonotonicTime) -> UserID? {
    guard firstAdministrator == nil else { return nil }
    let fresh = ids.first { id in
      guard let registered = accounts[id]?.registered else { return false }
      return now - registered <= Self.promotionWindow
    }
    if let fresh { accounts[fresh]?.administrator = true }
    return fresh
  }
}
