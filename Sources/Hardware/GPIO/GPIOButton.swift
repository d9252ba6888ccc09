import Links
import Linux
import Synchronization

/// A button between a line and ground or supply.
///
/// The kernel's queue is short and forgets edges of a contact that bounces while nobody reads. So whenever the queue is empty,
/// the level itself is looked at, and what it says is told as an edge: a press may lose its bounce, never its end.
public final class GPIOButton: Button {
  /// So many edges that change nothing are passed over in one go; the descriptor stays readable.
  private static let mostPassedOver = 64

  private enum Contact {
    case closed
    case open(GPIOLine)
    case failed(DeviceError)
  }

  private struct State {
    var contact = Contact.closed
    /// What was told last; kept across a failure, so that what happened meanwhile is told afterwards.
    var down = false
    /// No edge is told with an earlier time.
    var latest = MonotonicTime(microseconds: 0)
    /// An edge known from the level, not from the queue.
    var waiting: ButtonEdge?
  }

  public let name: ButtonName
  public let wiring: GPIOButtonWiring
  public var descriptor: Int32 { group.number }
  private let group: DescriptorGroup
  /// Raised while an edge waits that is not in the kernel's queue.
  private let flag: EventFlag
  private let calls: GPIOCalls
  private let state = Mutex(State())

  /// The line is taken by ``open()``; only a lack of descriptors fails here.
  public convenience init(_ name: ButtonName, _ wiring: GPIOButtonWiring) throws(DeviceError) {
    try self.init(name, wiring, calls: .library)
  }

  init(_ name: ButtonName, _ wiring: GPIOButtonWiring, calls: GPIOCalls) throws(DeviceError) {
    do {
      group = try DescriptorGroup()
      flag = try EventFlag()
      try group.add(flag.number)
    } catch {
      throw .ioFailure(call: error.call, errno: error.code)
    }
    self.name = name
    self.wiring = wiring
    self.calls = calls
  }

  deinit { close() }

  public func open() throws(DeviceError) {
    let failure = state.withLock { state -> DeviceError? in
      if case .open = state.contact { return nil }
      do throws(DeviceError) {
        try open(&state)
        return nil
      } catch {
        state.contact = .failed(error)
        return error
      }
    }
    if let failure { throw failure }
  }

  private func open(_ state: inout State) throws(DeviceError) {
    // Before any edge that the queue may get, so that times stay in order.
    let start = max(.now(), state.latest)
    let line = try GPIOLine(
      wiring.line,
      GPIORequest(activeLow: wiring.activeLow, use: .edges(wiring.bias, kernelDebounce: wiring.kernelDebounce)),
      calls)
    // Edges come from the request on, so one between it and this look is told twice, which nextEdge() takes out.
    let down = try line.isActive()
    do {
      try group.add(line.descriptor)
    } catch {
      throw .ioFailure(call: error.call, errno: error.code)
    }
    state.latest = start
    state.contact = .open(line)
    if down != state.down {
      state.waiting = ButtonEdge(button: name, down: down, time: start)
      flag.raise()
    }
  }

  public func close() {
    state.withLock { state in
      release(&state)
      state.contact = .closed
    }
  }

  private func release(_ state: inout State) {
    if case .open(let line) = state.contact { group.remove(line.descriptor) }
    state.waiting = nil
    flag.lower()
  }

  public func nextEdge() throws(DeviceError) -> ButtonEdge? {
    let result = state.withLock { state -> Result<ButtonEdge?, DeviceError> in
      switch state.contact {
      case .closed: return .failure(.closed)
      case .failed(let error): return .failure(error)
      case .open(let line):
        do throws(DeviceError) {
          return .success(try next(line, &state))
        } catch {
          // A line that failed stays readable: let go of it, or the loop would never sleep again.
          release(&state)
          state.contact = .failed(error)
          return .failure(error)
        }
      }
    }
    return try result.get()
  }

  private func next(_ line: GPIOLine, _ state: inout State) throws(DeviceError) -> ButtonEdge? {
    if let edge = state.waiting {
      state.waiting = nil
      flag.lower()
      return tell(edge.down, edge.time, &state)
    }
    if let edge = try queued(line, &state) { return edge }
    guard try line.isActive() != state.down else { return nil }
    // Either its edge has just come, or it was lost.
    if let edge = try queued(line, &state) { return edge }
    return tell(!state.down, .now(), &state)
  }

  /// The next edge of the queue that changes something: a contact that closes and opens faster than the kernel looks gives two
  /// of the same kind.
  private func queued(_ line: GPIOLine, _ state: inout State) throws(DeviceError) -> ButtonEdge? {
    for _ in 0..<Self.mostPassedOver {
      guard let edge = try line.nextEdge() else { return nil }
      guard edge.rising != state.down else { continue }
      return tell(edge.rising, MonotonicTime(microseconds: Int64(edge.nanoseconds / 1_000)), &state)
    }
    return nil
  }

  private func tell(_ down: Bool, _ time: MonotonicTime, _ state: inout State) -> ButtonEdge {
    let now = MonotonicTime.now()
    // A time to come is one of the wall clock, which kernels before 5.7 put into their edges.
    state.latest = max(state.latest, min(time, now))
    state.down = down
    return ButtonEdge(button: name, down: down, time: state.latest)
  }
}
