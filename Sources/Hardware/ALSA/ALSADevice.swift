import Glibc
import Linux
import Synchronization

/// Who may touch a PCM, and when it is let go of.
///
/// The driver is called by the thread that opens the device and by no other. ``close()`` of another thread only says that the
/// stream is to end: who waits in it returns, and lets go of the device itself. So a driver that does not answer holds up one
/// thread and no more.
final class ALSADevice<Stream: AnyObject & Sendable>: Sendable {
  private struct State {
    var stream: Stream?
    /// The thread that has it open.
    var owner: pthread_t?
    /// A call is in the driver.
    var isInside = false
    /// To be let go of by its owner.
    var isClosing = false
    /// What was open last.
    var known: ALSACard?
  }

  private let state = Mutex(State())
  /// Raised with `isClosing`.
  private let flag: EventFlag

  init() throws(DeviceError) {
    do {
      flag = try EventFlag()
    } catch {
      throw .ioFailure(call: error.call, errno: error.code)
    }
  }

  /// For a wait to end with.
  var wakeUp: Int32 { flag.number }
  var isClosing: Bool { state.withLock { $0.isClosing } }

  /// Opens by `body`, which is given the card that was open last and names the one that it opened.
  func open(_ body: (_ known: ALSACard?) throws(DeviceError) -> (Stream, ALSACard?)) throws(DeviceError) {
    let known = try begin()
    do throws(DeviceError) {
      let (stream, card) = try body(known)
      guard leave(opened: stream, card) else { throw DeviceError.closed }
    } catch {
      _ = leave()
      throw error
    }
  }

  /// Runs `body` with the open stream.
  func use<Value>(_ body: (Stream) throws(DeviceError) -> Value) throws(DeviceError) -> Value {
    let stream = try enter()
    do throws(DeviceError) {
      let value = try body(stream)
      guard leave() else { throw DeviceError.closed }
      return value
    } catch {
      // Whatever the driver said then, it was on the way out.
      guard leave() else { throw .closed }
      throw error
    }
  }

  func close() {
    let stream = state.withLock { state -> Stream? in
      guard state.stream != nil || state.isInside else { return nil }
      guard !state.isInside, let owner = state.owner, pthread_equal(owner, pthread_self()) != 0 else {
        state.isClosing = true
        flag.raise()
        return nil
      }
      return letGo(&state)
    }
    // The last reference: the driver is told outside the lock.
    withExtendedLifetime(stream) {}
  }

  private func begin() throws(DeviceError) -> ALSACard? {
    var left: Stream?
    let known = state.withLock { state -> ALSACard?? in
      guard !state.isInside, state.stream == nil || state.isClosing else { return nil }
      left = letGo(&state)
      state.isInside = true
      state.owner = pthread_self()
      return .some(state.known)
    }
    withExtendedLifetime(left) {}
    guard let known else { throw .busy(by: nil) }
    return known
  }

  private func enter() throws(DeviceError) -> Stream {
    var left: Stream?
    let stream = state.withLock { state -> Stream? in
      guard let stream = state.stream, !state.isInside else { return nil }
      guard !state.isClosing else {
        left = letGo(&state)
        return nil
      }
      state.isInside = true
      return stream
    }
    withExtendedLifetime(left) {}
    guard let stream else { throw .closed }
    return stream
  }

  /// A call is back from the driver. False if the device was closed meanwhile, and is let go of now.
  private func leave(opened stream: Stream? = nil, _ card: ALSACard? = nil) -> Bool {
    var left: Stream?
    let goesOn = state.withLock { state -> Bool in
      state.isInside = false
      if let stream { state.stream = stream }
      if let card { state.known = card }
      guard state.isClosing else { return true }
      left = letGo(&state)
      return false
    }
    withExtendedLifetime(left) {}
    return goesOn
  }

  /// Takes the stream out, inside the lock.
  private func letGo(_ state: inout State) -> Stream? {
    defer { state.stream = nil }
    if state.isClosing { flag.lower() }
    state.isClosing = false
    return state.stream
  }
}
