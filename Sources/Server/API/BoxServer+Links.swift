import Links
import Linux

/// The links to the supervisor and to the media process.
extension BoxServer {
  /// Takes over the control link; `ended` is called when the supervisor asks for the end or is gone.
  func attachControl(_ descriptor: consuming Descriptor, ended: @escaping (_ inGoodOrder: Bool) -> Void)
    throws(SystemError)
  {
    control = try Link(
      try MessageSocket(adopting: descriptor), on: loop,
      receive: { [weak self] (command: ControlCommand, descriptor: consuming Descriptor?) in
        self?.receive(command, descriptor, ended)
      },
      closed: { reason in
        Log.error("the control link ended: \(reason)")
        ended(false)
      })
    // What the switchboard has said so far was said to nobody.
    control?.send(.state(switchboard.boxState))
    store.watch { [weak self] condition, fault in self?.control?.send(.condition(condition, fault)) }
    web.descriptorsChanged = { [weak self] areOut in
      self?.control?.send(.condition(.connections, areOut ? "no descriptor is left for another connection" : nil))
    }
    hasher.shortageChanged = { [weak self] isShort in
      self?.control?.send(.condition(.memory, isShort ? "too little is left to check a password" : nil))
    }
    checkCertificate()
  }

  private func receive(
    _ command: ControlCommand, _ descriptor: consuming Descriptor?, _ ended: (_ inGoodOrder: Bool) -> Void
  ) {
    switch command {
    case .ping(let number):
      // Whoever answers has come round its loop and can read what it has stored.
      loop.after(.zero) { [weak self] in
        guard let self, store.isReadable() else { return }
        control?.send(.pong(number, counters: status))
      }
    case .mediaLink:
      guard let descriptor else { return Log.error("a media link came without its descriptor") }
      attachMedia(descriptor)
    case .press(let press):
      inform { switchboard, now in switchboard.press(press, now: now) }
      control?.send(.pressHeard)
    case .check:
      store.check()
      checkCertificate()
      control?.send(.checked)
    case .status(let status):
      answerWaiting(with: status)
    case .log(let lines):
      answerWaiting(with: lines)
    case .stop:
      isStopping = true
      ended(true)
    case .camera: break
    }
  }

  private func attachMedia(_ descriptor: consuming Descriptor) {
    media?.close()
    do throws(SystemError) {
      media = try Link(
        try MessageSocket(adopting: descriptor), on: loop,
        receive: { [weak self] event, _ in self?.receive(event) },
        closed: { [weak self] reason in
          guard let self else { return }
          media = nil
          inform { switchboard, now in switchboard.mediaLost(now: now) }
          // A little later: when the box stops, media may be gone before the word of it is read here.
          loop.after(.milliseconds(100)) { [weak self] in
            if self?.isStopping == false { Log.warning("the media link ended: \(reason)") }
          }
        })
    } catch {
      return Log.error("media link: \(error)")
    }
    inform { switchboard, now in switchboard.mediaLinked(now: now) }
  }

  private func receive(_ event: MediaEvent) {
    if case .reply(_, .refused(let code, _)) = event {
      counters["media.refused", default: 0] += 1
      Log.warning("the media process refused a request: \(code)")
    }
    let isPassing = if case .speaking = event { true } else { false }
    inform(isPassing: isPassing) { switchboard, now in switchboard.receive(event, now: now) }
  }

  private var status: [String: Int] {
    var all = counters
    all["connections"] = web.openConnections
    all["connections.refused"] = web.refusedConnections
    all["requests"] = web.requests
    all["streams"] = streams.count
    all["calls"] = switchboard.callCount
    all["calls.started"] = switchboard.callsStarted
    all["passwords.waiting"] = hasher.waiting
    all["links.waiting"] = (control?.waitingMessages ?? 0) + (media?.waitingMessages ?? 0)
    all["sessions"] = sessions.count
    all["messages.refused"] = (control?.refused ?? 0) + (media?.refused ?? 0)
    return all
  }
}
