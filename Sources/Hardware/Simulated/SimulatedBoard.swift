import Links

/// A box without hardware. Pictures, sound, buttons and lamps go the same way as with real devices; what a person would do
/// with hands — press a button, pull a plug — are calls, from any thread.
public final class SimulatedBoard: Board {
  /// What the lamps showed.
  public let timeline: LampTimeline
  public let buttons: [any Button]
  public let lamps: [any Lamp]
  public var camera: any Camera { simulatedCamera }
  public var microphone: any Microphone { simulatedMicrophone }
  public var speaker: any Speaker { simulatedSpeaker }

  private let simulatedCamera: SimulatedCamera
  private let simulatedMicrophone: SimulatedMicrophone
  private let simulatedSpeaker: SimulatedSpeaker
  private let simulatedButtons: [SimulatedButton]

  /// Files are opened with their devices, so that only lack of descriptors fails here.
  public init(
    _ configuration: SimulatedBoardConfiguration, clock: any DeviceClock = SystemClock()
  ) throws(DeviceError) {
    let timeline = LampTimeline(path: configuration.lampTimeline, clock: clock)
    var buttons: [SimulatedButton] = []
    for name in ButtonName.allCases {
      buttons.append(try SimulatedButton(name, bounces: configuration.buttonBounces, clock: clock))
    }
    self.timeline = timeline
    self.buttons = buttons
    simulatedButtons = buttons
    lamps = LampName.allCases.map { SimulatedLamp($0, timeline) }
    simulatedCamera = SimulatedCamera(configuration, clock: clock)
    simulatedMicrophone = SimulatedMicrophone(configuration, clock: clock)
    simulatedSpeaker = SimulatedSpeaker(configuration, clock: clock)
  }

  /// An edge of a button.
  public func button(_ name: ButtonName, down: Bool) {
    for button in simulatedButtons where button.name == name { button.move(down: down) }
  }

  /// Pulls a device out or puts it back. A call that waits in it throws `gone`; opening fails until it is back.
  public func plug(_ device: DeviceName, in plugged: Bool) {
    switch device {
    case .camera: simulatedCamera.plug(in: plugged)
    case .microphone: simulatedMicrophone.plug(in: plugged)
    case .speaker: simulatedSpeaker.plug(in: plugged)
    }
  }

  public func isPluggedIn(_ device: DeviceName) -> Bool {
    switch device {
    case .camera: simulatedCamera.isPluggedIn
    case .microphone: simulatedMicrophone.isPluggedIn
    case .speaker: simulatedSpeaker.isPluggedIn
    }
  }
}
