import Synchronization

/// A lamp on GPIO lines, LEDs of the kernel, or both: one for each colour.
public final class WiredLamp: Lamp {
  public let name: LampName
  public let wires: [LampColor: LampWire]
  /// Nil once it is closed.
  private let outputs: Mutex<[LampColor: any LampOutput]?>

  /// Lines are taken by the first ``set(_:)``, so a lamp that fails stops nothing else. `ledDirectory` is where the kernel's
  /// LEDs are.
  public convenience init(
    _ name: LampName, _ wires: [LampColor: LampWire], ledDirectory: String = "/sys/class/leds"
  ) {
    self.init(name, wires, ledDirectory: ledDirectory, gpio: .library, files: .system)
  }

  init(
    _ name: LampName, _ wires: [LampColor: LampWire], ledDirectory: String, gpio: GPIOCalls, files: FileCalls
  ) {
    self.name = name
    self.wires = wires
    outputs = Mutex(
      wires.mapValues { wire -> any LampOutput in
        switch wire {
        case .line(let name, let activeLow): GPIOOutput(name, activeLow: activeLow, gpio)
        case .led(let name): LEDOutput(name, in: ledDirectory, files)
        }
      })
  }

  deinit { close() }

  /// Every colour is tried, whichever fails; two are never lit at once. What failed first is thrown.
  public func set(_ color: LampColor?) throws(DeviceError) {
    if let color, !name.colors.contains(color) {
      throw .unsupported("the \(name.rawValue) lamp cannot be \(color.rawValue)")
    }
    let failure = outputs.withLock { outputs -> DeviceError? in
      guard outputs != nil else { return .closed }
      var failure: DeviceError?
      for other in name.colors where other != color {
        failure = failure ?? Self.set(false, &outputs?[other])
      }
      guard let color else { return failure }
      guard wires[color] != nil else {
        return failure ?? .unsupported("the \(name.rawValue) lamp has no \(color.rawValue): nothing is wired to it")
      }
      return failure ?? Self.set(true, &outputs?[color])
    }
    if let failure { throw failure }
  }

  private static func set(_ lit: Bool, _ output: inout (any LampOutput)?) -> DeviceError? {
    do throws(DeviceError) {
      try output?.set(lit)
      return nil
    } catch {
      return error
    }
  }

  /// Makes the lamp dark and lets go of it for good.
  public func close() {
    outputs.withLock { outputs in
      for color in name.colors { outputs?[color]?.close() }
      outputs = nil
    }
  }
}
