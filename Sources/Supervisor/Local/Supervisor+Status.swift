import Glibc
import Links
import Linux

extension Supervisor {
  var status: BoxStatus {
    let lights = lamps?.lights
    return BoxStatus(
      name: configuration.box.name, version: options.version, board: configuration.board.name,
      readyAfterMilliseconds: readyAfter.map { Int($0.milliseconds) },
      uptimeSeconds: uptimeSeconds,
      isolated: isolation.isIsolated, httpsPort: listeners.port(.https), httpPort: listeners.port(.http),
      mediaPort: listeners.port(.media), urls: listeners.urls(), state: isStopping ? "stopping" : policy.word,
      lamps: [
        "status": (lights?.status ?? .off).rawValue, "call": (lights?.call ?? .off).rawValue,
        "talk": (lights?.talk ?? .off).rawValue,
      ],
      children: ["server": status(of: server), "media": status(of: media)],
      devices: devices.reduce(into: [:]) { $0[$1.key.rawValue] = Self.status(of: $1.value) },
      counters: [
        "framesCaptured": ring.captured.load(ordering: .relaxed),
        "framesDamaged": board.camera.damagedFrames,
        "framesDropped": ring.dropped.load(ordering: .relaxed),
        "microphoneBlocks": sound.captured.load(ordering: .relaxed),
        "microphoneDropped": sound.captureDropped.load(ordering: .relaxed),
        "speakerBlocks": sound.played.load(ordering: .relaxed),
        "microphoneOverruns": board.microphone.overruns,
        "speakerUnderruns": board.speaker.underruns,
        "speakerLate": sound.playbackLate.load(ordering: .relaxed),
        "speakerDropped": sound.playbackDropped.load(ordering: .relaxed),
      ], faults: faults.present, faultsSoFar: faults.soFar, memoryBytes: MachineHealth.residentBytes(of: getpid()),
      machine: machine, selfTest: selfTest)
  }

  private func status(of child: Child?) -> BoxStatus.Child {
    guard let child else {
      // Without a certificate there is no server.
      return BoxStatus.Child(
        state: "starting", pid: 0, restarts: 0, lastEnd: signing?.lastEnd, memoryBytes: 0, counters: [:])
    }
    return BoxStatus.Child(
      state: child.lifecycle.word, pid: Int(child.pid), restarts: child.lifecycle.restarts,
      lastEnd: child.lifecycle.lastEnd, memoryBytes: MachineHealth.residentBytes(of: child.pid),
      counters: child.counters)
  }

  private static func status(of device: DeviceCondition) -> BoxStatus.Device {
    switch device {
    case .idle: BoxStatus.Device(state: "idle", detail: "")
    case .running(let detail): BoxStatus.Device(state: "running", detail: detail)
    case .gone(let why): BoxStatus.Device(state: "gone", detail: why)
    }
  }

  /// Requests from the command line but those for the status.
  func answer(_ request: LocalRequest) -> LocalReply {
    switch request {
    case .status, .watch:
      return .status(status)
    case .button(let name, let down):
      guard let simulated else { return .refused("only the simulated board's buttons can be pressed by command") }
      simulated.button(name, down: down)
      return .done
    case .plug(let device, let plugged):
      guard plug(device, in: plugged) else {
        return .refused("only the simulated board's devices can be plugged by command")
      }
      return .done
    case .log(let number):
      return .log(logBook.page(from: number))
    case .selfTest:
      beginSelfTest()
      return .done
    case .stop:
      loop.after(.zero) { [weak self] in self?.stop("by command") }
      return .done
    }
  }
}
