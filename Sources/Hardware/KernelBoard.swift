import Links

/// What a ``KernelBoard`` is made of. A button or a lamp that is not named is not soldered.
public struct KernelBoardConfiguration: Sendable {
  public var camera = V4L2CameraConfiguration()
  public var microphone = ALSAConfiguration()
  public var speaker = ALSAConfiguration()
  public var buttons: [ButtonName: GPIOButtonWiring] = [:]
  public var lamps: [LampName: [LampColor: LampWire]] = [:]
  public init() {}
}

/// A board whose devices the kernel's own drivers serve: V4L2, ALSA, GPIO and the LED class. Nothing is opened before it is
/// used, so a device that is missing stops nothing else.
public final class KernelBoard: Board {
  public let camera: any Camera
  public let microphone: any Microphone
  public let speaker: any Speaker
  public let buttons: [any Button]
  public let lamps: [any Lamp]

  /// Only a lack of descriptors fails here.
  public init(_ configuration: KernelBoardConfiguration) throws(DeviceError) {
    camera = try V4L2Camera(configuration.camera)
    microphone = try ALSAMicrophone(configuration.microphone)
    speaker = try ALSASpeaker(configuration.speaker)
    var buttons: [any Button] = []
    for name in ButtonName.allCases {
      if let wiring = configuration.buttons[name] { buttons.append(try GPIOButton(name, wiring)) }
    }
    self.buttons = buttons
    lamps = LampName.allCases.compactMap { name in configuration.lamps[name].map { WiredLamp(name, $0) } }
  }
}
