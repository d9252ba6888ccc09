import Glibc

/// The threads that hash passwords: at most as many hashes at once as there are cores, behind a bounded queue. Results
/// are handed to `deliver` on a worker's thread, which passes them on to the loop.
final class PasswordHasher: @unchecked Sendable {
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

  struct Result: Sendable, Equatable {
    var ticket: UInt64
    var outcome: Outcome
  }

  // Everything below is guarded by the mutex, or does not change after init.
  private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
  private let changed = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
  private let deliver: @Sendable (Result) -> Void
  private let workerLimit: Int
  private let queueLimit: Int
  private var queue: [(ticket: UInt64, job: Job)] = []
  private var threads: [pthread_t] = []
  private var idle = 0
  private var stopping = false

  init(workers: Int, queueLimit: Int, deliver: @escaping @Sendable (Result) -> Void) {
    workerLimit = max(1, workers)
    self.queueLimit = queueLimit
    self.deliver = deliver
    pthread_mutex_init(mutex, nil)
    pthread_cond_init(changed, nil)
  }

  /// Only after ``stop()``: a worker holds a reference to this object.
  deinit {
    pthread_cond_destroy(changed)
    pthread_mutex_destroy(mutex)
    changed.deallocate()
    mutex.deallocate()
  }

  /// False when the queue is full: the caller answers "too many attempts".
  func submit(_ job: Job, ticket: UInt64) -> Bool {
    pthread_mutex_lock(mutex)
    defer { pthread_mutex_unlock(mutex) }
    guard !stopping, queue.count < queueLimit else { return false }
    if idle <= queue.count, threads.count < workerLimit { startWorker() }
    guard !threads.isEmpty else { return false }
    queue.append((ticket, job))
    pthread_cond_signal(changed)
    return true
  }

  /// Drops what waits, and comes back when the running hashes are done.
  func stop() {
    pthread_mutex_lock(mutex)
    stopping = true
    queue.removeAll()
    let joining = threads
    threads.removeAll()
    pthread_cond_broadcast(changed)
    pthread_mutex_unlock(mutex)
    for thread in joining { pthread_join(thread, nil) }
  }

  private func startWorker() {
    var thread = pthread_t()
    let me = Unmanaged.passRetained(self)
    let code = pthread_create(
      &thread, nil,
      { argument in
        guard let argument else { return nil }
        Unmanaged<PasswordHasher>.fromOpaque(argument).takeRetainedValue().work()
        return nil
      }, me.toOpaque())
    guard code == 0 else { return me.release() }
    threads.append(thread)
  }

  private func work() {
    while let (ticket, job) = next() {
      let outcome: Outcome =
        switch job {
        case .hash(let password, let salt): PasswordHash.encode(password, salt: salt).map { .hashed($0) } ?? .failed
        case .verify(let password, let encoded): .verified(PasswordHash.matches(password, encoded: encoded))
        }
      deliver(Result(ticket: ticket, outcome: outcome))
    }
  }

  private func next() -> (UInt64, Job)? {
    pthread_mutex_lock(mutex)
    defer { pthread_mutex_unlock(mutex) }
    while queue.isEmpty, !stopping {
      idle += 1
      pthread_cond_wait(changed, mutex)
      idle -= 1
    }
    return stopping ? nil : queue.removeFirst()
  }
}
