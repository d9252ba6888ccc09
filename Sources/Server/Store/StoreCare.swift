import Links
import Linux

/// Looks after the database while it is in use: saves copies, and tells what is wrong.
final class StoreCare {
  /// From a change to its copy.
  static let period = Interval.seconds(10)

  private let database: Database
  private let saved: SavedDatabase
  private let notice: String?
  private let isVolatile: Bool
  /// What the copy has; nil for another database than this.
  private var copied: Int?
  private var copyFailed = false
  private var tell: (Condition, String?) -> Void = { _, _ in }

  init(_ opened: SavedDatabase.Opened, _ saved: SavedDatabase) {
    database = opened.database
    notice = opened.notice
    isVolatile = opened.isVolatile
    self.saved = saved
  }

  /// Calls back with what is wrong with a condition, or nil, now and at each change.
  func watch(_ tell: @escaping (Condition, String?) -> Void) {
    self.tell = tell
    tell(.database, notice)
    tell(.storage, storageFault)
    database.faultChanged = { [weak self] in tell(.storage, self?.storageFault) }
  }

  private var storageFault: String? { database.fault ?? (isVolatile ? VolatileDatabase.notice : nil) }

  /// Something can be read: the answer to whoever asks whether we live.
  func isReadable() -> Bool {
    do throws(DatabaseError) {
      _ = try UserStore(database: database).count()
      return true
    } catch {
      Log.error("the database cannot be read: \(error)")
      // Another start brings the copy back, and heals nothing else.
      return !error.isDamage
    }
  }

  /// Looks at every page; what is wrong is told as a condition.
  func check() {
    do throws(DatabaseError) {
      try database.check()
    } catch {
      Log.error("the database: \(error)")
      tell(.database, "\(error)")
    }
  }

  /// Saves a copy if anything has changed since the last. A failure is told once and tried again.
  func save() {
    let changes = database.changes
    guard !isVolatile, changes != copied else { return }
    do throws(DatabaseError) {
      try saved.save(database)
      copied = changes
      if copyFailed { tell(.database, notice) }
      copyFailed = false
    } catch {
      guard !copyFailed else { return }
      copyFailed = true
      Log.error("no copy of the database: \(error)")
      tell(.database, "no copy can be made: \(error)")
    }
  }
}
