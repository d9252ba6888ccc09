import Linux
import Signaling

/// Hashes passwords off the loop: one short-lived thread for each hash, at most as many at once as there are cores,
/// behind a bounded queue. Used from the loop's thread.
final class PasswordHasher {
  enum Job: Sendable {
    case hash(Secret, salt: [UInt8])
    case verify(Secret, encoded: String)
  }

  enum Outcome: Sendable, Equatable {
    case hashed(String)
    case verified(Bool)
    /// Memory was short.
    case failed
  }

  private struct Waiting {
    var job: Job
    var done: (Outcome) -> Void
  }

  private let atOnce: Int
  private let queueLimit: Int
  private let mailbox: Mailbox<(number: UInt64, outcome: Outcome)>
  private var watch: EventLoop.Watch?
  private var queue: [Waiting] = []
  private var running: [UInt64: (worker: Worker, done: (Outcome) -> Void)] = [:]
  private var nextNumber: UInt64 = 0
  /// Whether memory was short at the last hash.
  private var isShort = false
  var shortageChanged: (Bool) -> Void = { _ in }
  /// The most hashes that ever ran at once, for `fieldbox status`.
  private(set) var mostAtOnce = 0

  init(on loop: EventLoop, atOnce: Int, queueLimit: Int) throws(SystemError) {
    self.atOnce = max(1, atOnce)
    self.queueLimit = queueLimit
    mailbox = try Mailbox()
    watch = try loop.attach(mailbox) { [weak self] result in self?.finished(result.number, result.outcome) }
  }

  /// Jobs that have not begun.
  var waiting: Int { queue.count }

  /// Calls `done` on the loop, in a later turn. False when the queue is full: the caller answers `tooManyAttempts`.
  func submit(_ job: Job, done: @escaping (Outcome) -> Void) -> Bool {
    guard queue.count < queueLimit else { return false }
    queue.append(Waiting(job: job, done: done))
    startNext()
    return true
  }

  /// Forgets what waits and waits for what runs; nobody is called any more.
  func stop() {
    queue = []
    for (worker, _) in running.values { worker.join() }
    running = [:]
    watch?.cancel()
    watch = nil
  }

  private func startNext() {
    // What cannot be started must not leave the next one waiting for an end that never comes.
    while running.count < atOnce, !queue.isEmpty { start(queue.removeFirst()) }
  }

  private func start(_ next: Waiting) {
    let number = nextNumber
    nextNumber &+= 1
    do {
      let worker = try Worker(name: "password") { [mailbox, job = next.job] in
        mailbox.send((number, Self.run(job)))
      }
      running[number] = (worker, next.done)
      mostAtOnce = max(mostAtOnce, running.count)
    } catch {
      Log.error("no thread for a password: \(error)")
      note(.failed)
      next.done(.failed)
    }
  }

  private func finished(_ number: UInt64, _ outcome: Outcome) {
    guard let (worker, done) = running.removeValue(forKey: number) else { return }
    worker.join()
    startNext()
    note(outcome)
    done(outcome)
  }

  private func note(_ outcome: Outcome) {
    guard isShort != (outcome == .failed) else { return }
    isShort.toggle()
    shortageChanged(isShort)
  }

  private static func run(_ job: Job) -> Outcome {
    switch job {
    case .hash(let password, let salt): PasswordHash.encode(password, salt: salt).map { .hashed($0) } ?? .failed
    case .verify(let password, let encoded):
      PasswordHash.matches(password, encoded: encoded).map { .verified($0) } ?? .failed
    }
  }
}
