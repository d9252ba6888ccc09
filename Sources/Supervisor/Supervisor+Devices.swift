import Configuration
import Hardware
import Links
import Linux

/// What a device is doing.
enum DeviceCondition: Sendable, Equatable {
  case idle
  case running(String)
  /// In words.
  case gone(String)
}

extension Supervisor {
  func startDevices() throws {
    for device in DeviceName.allCases { devices[device] = .idle }
    let pulse = DevicePulse()
    camera = try DeviceThread(
      .camera, on: loop, pulse: pulse, interrupt: { [board] in board.camera.close() },
      body: CameraCapture.body(board.camera, ring, pulse),
      changed: { [unowned self] in cameraReported($0) })
    microphone = try DeviceThread(
      .microphone, on: loop, interrupt: { [board] in board.microphone.close() },
      body: MicrophoneCapture.body(board.microphone, sound),
      changed: { [unowned self] in soundReported(.microphone, $0) })
    let reports = try Mailbox<DeviceReport>()
    try loop.attach(reports) { [unowned self] in soundReported(.speaker, $0) }
    let playback = try Playback(board.speaker, sound, reports: reports)
    self.playback = playback
    playbackThread = try Worker(name: "speaker") { playback.run() }
  }

  /// Media says whether there are to be pictures; how they are, says the board.
  var wantedMode: CameraMode { configuration.board.mode }

  func setCapture(camera wanted: CameraMode?, microphone on: Bool) {
    guard !isStopping else { return }
    camera?.want(wanted)
    microphone?.want(on ? true : nil)
    showState()
  }

  private func cameraReported(_ report: DeviceReport) {
    switch report {
    case .running(let mode, let detail):
      cameraMode = mode
      let words = mode.map { CameraCapture.words($0, asked: wantedMode) } ?? ""
      set(.camera, .running(detail.isEmpty ? words : "\(words), \(detail)"))
      media?.send(.camera(mode, fault: nil))
    case .gone(let why):
      cameraMode = nil
      set(.camera, .gone(why))
      media?.send(.camera(nil, fault: "camera \(why)"))
    case .ended:
      cameraMode = nil
      settle(.camera)
      tellMediaCamera()
    }
    showState()
  }

  private func soundReported(_ device: DeviceName, _ report: DeviceReport) {
    switch report {
    case .running: set(device, .running("48 kHz"))
    case .gone(let why): set(device, .gone(why))
    case .ended: settle(device)
    }
    showState()
  }

  /// A device that nobody uses: idle, or gone if it is known to be.
  private func settle(_ device: DeviceName) {
    let isThere = simulated?.isPluggedIn(device) ?? true
    set(device, isThere ? .idle : .gone(DeviceError.gone.description))
  }

  private func set(_ device: DeviceName, _ condition: DeviceCondition) {
    // What is wrong is told as a fault.
    devices[device] = condition
  }

  /// What a media process that has just started needs to know.
  func tellMediaCamera() {
    if case .gone(let why) = devices[.camera] {
      media?.send(.camera(nil, fault: "camera \(why)"))
    } else if let cameraMode {
      media?.send(.camera(cameraMode, fault: nil))
    } else {
      // Not in use; what was wrong before need not be so any more.
      media?.send(.camera(nil, fault: nil))
    }
  }

  /// Pulls or plugs a device of the simulated board; false on another board.
  func plug(_ device: DeviceName, in plugged: Bool) -> Bool {
    guard let simulated else { return false }
    simulated.plug(device, in: plugged)
    // A device in use is noticed by its thread; one that nobody uses has none.
    let inUse =
      switch device {
      case .camera: camera?.isActive == true
      case .microphone: microphone?.isActive == true
      case .speaker: if case .running = devices[.speaker] { true } else { false }
      }
    if !inUse {
      settle(device)
      if device == .camera { tellMediaCamera() }
    }
    showState()
    return true
  }

  /// Tones that last as long as a state, and those that its beginning makes.
  func showSound() {
    let display = policy.display
    guard display != soundShown else { return }
    soundShown = display
    let row = LampTable.row(display)
    if let sound = row.sound, !sound.repeats {
      playback?.setBackground(nil)
      playback?.play(sound)
    } else {
      playback?.setBackground(row.sound)
    }
  }
}

extension BoardConfiguration {
  /// Size and rate that the camera is asked for.
  var mode: CameraMode { CameraMode(width: width, height: height, framesPerSecond: framesPerSecond) }
}
