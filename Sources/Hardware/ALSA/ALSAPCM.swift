import Glibc
import Linux
import Synchronization

/// The one owner of an open PCM: what capture and playback have in common, above all what each error means.
final class ALSAPCM: @unchecked Sendable {
  /// A card that does nothing for so long has stopped for good.
  private static let patienceMilliseconds: Int32 = 1_000
  /// A suspended card is asked again after so long.
  private static let resumeMilliseconds: Int32 = 20
  /// Recoveries one after another without a sample between them.
  private static let mostRecoveries = 8

  let setup: ALSASetup
  private let handle: ALSAHandle
  private let isCapture: Bool
  private let calls: ALSACalls
  private let lost: ALSALosses
  /// Raised to end a wait.
  private let wakeUp: Int32
  private let isClosing: @Sendable () -> Bool
  private var recoveries = 0
  private var failedStarts = 0

  /// Opens and sets up; converts in software only what the card itself cannot do.
  init(
    _ place: ALSAPlace, _ request: ALSARequest, finder: ALSAFinder, calls: ALSACalls, lost: ALSALosses, wakeUp: Int32,
    isClosing: @escaping @Sendable () -> Bool
  ) throws(DeviceError) {
    self.calls = calls
    self.lost = lost
    self.wakeUp = wakeUp
    self.isClosing = isClosing
    isCapture = request.isCapture
    var pcm = try Self.open(place.name, place, request, finder, calls)
    var made = uninterrupted { calls.configure(pcm, request) }
    if case .failure(let error) = made, error.code == EINVAL || error.code == ENOTTY, let converted = place.converted {
      calls.close(pcm)
      pcm = try Self.open(converted, place, request, finder, calls)
      made = uninterrupted { calls.configure(pcm, request) }
    }
    switch made {
    case .success(let setup):
      self.setup = setup
      handle = pcm
    case .failure(let error):
      calls.close(pcm)
      if error.code == EINVAL {
        throw .unsupported("\(place.card?.id ?? place.name) has no 16-bit sound at 48 kHz (\(error.call))")
      }
      throw Self.meaning(error)
    }
  }

  deinit { calls.close(handle) }

  private static func open(
    _ name: String, _ place: ALSAPlace, _ request: ALSARequest, _ finder: ALSAFinder, _ calls: ALSACalls
  ) throws(DeviceError) -> ALSAHandle {
    switch uninterrupted({ calls.open(name, request.isCapture) }) {
    case .success(let pcm): return pcm
    case .failure(let error):
      switch error.code {
      case EBUSY, EAGAIN:
        // Opened without waiting, a card that is in use says one or the other.
        throw .busy(by: place.card.flatMap { finder.holder(of: $0, isCapture: request.isCapture) })
      case ENOENT:
        // A card that went between being found and being opened.
        if place.card != nil { throw .gone }
        throw .missing("\(name) is not there")
      default: throw meaning(error)
      }
    }
  }

  private static func meaning(_ error: SystemError) -> DeviceError {
    // The kernel's word for a bus that is full: "No space left on device" would send people to their disks.
    if error.code == ENOSPC {
      return .unsupported("no room on the USB bus (\(error.call)): other devices at the same port take too much")
    }
    return DeviceError(error, toAllow: "add the user to the group audio")
  }

  // MARK: While it runs

  /// Where the PCM stands; nil if it had to be made ready again, and what it held is lost.
  func status() throws(DeviceError) -> ALSAStatus? {
    switch calls.status(handle) {
    case .failure(let error):
      try recover(error.code, error.call)
      return nil
    case .success(let status):
      switch status.state {
      case .prepared, .running, .other: return status
      case .xrun: try recover(EPIPE, "snd_pcm_status")
      case .suspended: try recover(ESTRPIPE, "snd_pcm_status")
      case .disconnected: throw .gone
      }
      return nil
    }
  }

  /// False if the PCM had to be made ready again: then it stands.
  func start() throws(DeviceError) -> Bool {
    let code = interruptible { calls.start(handle) }
    guard code != 0 else {
      failedStarts = 0
      return true
    }
    try recover(code, "snd_pcm_start")
    failedStarts += 1
    // Each time the buffer was filled first, which looks like progress.
    if failedStarts > Self.mostRecoveries { throw .ioFailure(call: "snd_pcm_start", errno: code) }
    return false
  }

  /// Frames read, 0 if none waits; nil if the PCM had to be made ready again.
  func read(_ samples: UnsafeMutablePointer<Int16>, _ frames: Int) throws(DeviceError) -> Int? {
    try outcome("snd_pcm_readi") { calls.read(handle, samples, frames) }
  }

  /// Frames written, 0 if there is no room; nil if the PCM had to be made ready again.
  func write(_ samples: UnsafePointer<Int16>, _ frames: Int) throws(DeviceError) -> Int? {
    try outcome("snd_pcm_writei") { calls.write(handle, samples, frames) }
  }

  private func outcome(_ name: String, _ call: () -> Int) throws(DeviceError) -> Int? {
    var result = call()
    while result == -Int(EINTR) { result = call() }
    guard result < 0 else {
      if result > 0 { recoveries = 0 }
      return result
    }
    let code = Int32(clamping: 0 &- result)
    if code == EAGAIN { return 0 }
    try recover(code, name)
    return nil
  }

  /// Waits for the card.
  func wait() throws(DeviceError) {
    switch calls.wait(handle, wakeUp, Self.patienceMilliseconds) {
    case .failure(let error):
      if error.code != EINTR, error.code != EAGAIN { throw Self.meaning(error) }
    case .success(let woken):
      if woken.interrupted, isClosing() { throw .closed }
      if woken.failed {
        // Its state says why; one that says nothing would be asked for ever.
        if calls.state(handle) == .disconnected { throw .gone }
        try noteFailure(EIO, "poll")
      } else if !woken.ready, !woken.interrupted {
        throw .timedOut
      }
    }
  }

  var now: MonotonicTime { calls.now() }

  // MARK: Errors

  /// Makes the PCM ready again after an error that allows it.
  private func recover(_ code: Int32, _ call: String) throws(DeviceError) {
    switch code {
    case EINTR, EAGAIN: try noteFailure(code, call)
    case EPIPE:
      lost.count()
      try noteFailure(code, call)
      try prepare()
    case ESTRPIPE:
      try noteFailure(code, call)
      try resume()
    case ENODEV, ENXIO: throw .gone
    case EBADFD where calls.state(handle) != .disconnected:
      // Not in a state to be read or written: after a driver's reset.
      try noteFailure(code, call)
      try prepare()
    case EIO, EBADFD, ENOTTY:
      if calls.state(handle) == .disconnected { throw .gone }
      throw .ioFailure(call: call, errno: code)
    default: throw Self.meaning(SystemError(call, code: code))
    }
  }

  /// Counts what went wrong without a sample between; too much of it is an error.
  func noteFailure(_ code: Int32, _ call: String) throws(DeviceError) {
    recoveries += 1
    if recoveries > Self.mostRecoveries { throw .ioFailure(call: call, errno: code) }
  }

  private func prepare() throws(DeviceError) {
    let code = interruptible { calls.prepare(handle) }
    guard code == 0 else {
      if calls.state(handle) == .disconnected { throw .gone }
      throw Self.meaning(SystemError("snd_pcm_prepare", code: code))
    }
  }

  /// The machine has slept. The card may need some time; one that cannot go on where it was begins anew.
  private func resume() throws(DeviceError) {
    for _ in 0..<100 {
      let code = interruptible { calls.resume(handle) }
      guard code == EAGAIN else {
        if code == ENODEV { throw .gone }
        return try prepare()
      }
      if case .success(let woken) = calls.wait(handle, wakeUp, Self.resumeMilliseconds), woken.interrupted, isClosing()
      {
        throw .closed
      }
    }
    throw .timedOut
  }

  private func interruptible(_ call: () -> Int32) -> Int32 {
    while true {
      let code = call()
      if code != EINTR { return code }
    }
  }
}

/// How often sound was lost, since the start.
final class ALSALosses: Sendable {
  private let counter = Atomic(0)
  func count() { counter.add(1, ordering: .relaxed) }
  var total: Int { counter.load(ordering: .relaxed) }
}
