import Configuration
import Hardware
import Links

/// Opens the board that the configuration names.
enum BoardFactory {
  static func open(_ configuration: Configuration) throws(DeviceError) -> any Board {
    switch configuration.board.model {
    case .simulated: try SimulatedBoard(simulated(configuration))
    case .rpi3, .rpi4, .rpi5, .rpiZero2W, .other: try KernelBoard(kernel(configuration.board))
    }
  }

  /// What the simulated board needs to know. Files are named by their paths as they stand.
  static func simulated(_ configuration: Configuration) -> SimulatedBoardConfiguration {
    let board = configuration.board
    var simulated = SimulatedBoardConfiguration(boxName: configuration.box.name)
    if board.cameraSource == .file, let file = board.cameraFile { simulated.camera = .file(file) }
    simulated.microphone =
      if board.microphoneSource == .file, let file = board.microphoneFile {
        .file(file)
      } else {
        .tone(hertz: board.frequency, decibels: -20)
      }
    simulated.speakerRecording = board.speakerRecording
    simulated.lampTimeline = board.lampTimeline
    simulated.strip = board.strip == .on
    simulated.buttonBounces = board.buttonBounces
    return simulated
  }

  /// What is soldered and plugged in where.
  static func kernel(_ board: BoardConfiguration) -> KernelBoardConfiguration {
    var kernel = KernelBoardConfiguration()
    kernel.camera = V4L2CameraConfiguration(
      device: board.cameraDevice, format: pixelFormat(board.cameraFormat),
      largestFrameBytes: FrameRing.slotBytes(width: board.width, height: board.height))
    kernel.microphone = ALSAConfiguration(device: board.microphoneDevice)
    kernel.speaker = ALSAConfiguration(device: board.speakerDevice)
    for (name, line) in [(ButtonName.call, board.buttons.call), (.hangUp, board.buttons.hangUp)] {
      guard let line else { continue }
      kernel.buttons[name] = GPIOButtonWiring(
        line: GPIOLineName(chip: board.buttons.chip, line), activeLow: board.buttons.active == .low,
        bias: bias(board.buttons.bias))
    }
    let lamps = board.lamps
    for (name, color, wire) in [
      (LampName.status, LampColor.blue, lamps.statusBlue), (.status, .red, lamps.statusRed),
      (.call, .amber, lamps.call), (.talk, .green, lamps.talk),
    ] {
      guard let wire else { continue }
      kernel.lamps[name, default: [:]][color] = LampWire(
        chip: lamps.chip, wire, activeLow: lamps.active == .low)
    }
    return kernel
  }

  /// Nil for whatever the camera does best.
  private static func pixelFormat(_ format: BoardConfiguration.CameraFormat) -> PixelFormat? {
    switch format {
    case .auto: nil
    case .mjpeg: .mjpeg
    case .yuyv: .yuyv
    case .nv12: .nv12
    case .i420: .i420
    }
  }

  private static func bias(_ bias: ButtonWiring.Bias) -> GPIOBias {
    switch bias {
    case .pullUp: .pullUp
    case .pullDown: .pullDown
    case .none: .disabled
    case .asIs: .asIs
    }
  }
}
