import Synchronization

/// A lamp on GPIO lines, LEDs of the kernel, or both: one for each colour.
public final class WiredLamp: Lamp {
  private struct State {
    var outputs: [LampColor: any LampOutput]
    var isClosed = false
  }

  public let name: LampName
  public let wires: [LampColor: LampWire]
  private let state: Mutex<State>

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
    let outputs = wires.mapValues { wire -> any LampOutput in
      switch wire {
      case .line(let line, let activeLow): GPIOOutput(line, activeLow: activeLow, gpio)
      case .led(let led): LEDOutput(led, in: ledDirectory, files)
      }
    }
    state = Mutex(State(outputs: outputs))
  }

  deinit { close() }

  /// The other colours go out first. Each is tried, whichever fails: a lamp that has lost one colour still shows the others.
  /// What failed first is thrown.
  public func set(_ color: LampColor?) throws(DeviceError) {
    if let color, !name.colors.contains(color) {
      throw .unsupported("the \(name.rawValue) lamp cannot be \(color.rawValue)")
    }
    let failure = state.withLock { state -> DeviceError? in
      guard !state.isClosed else { return .closed }
      var failure: DeviceError?
      for other in name.colors where other != color {
        let outcome = Self.set(false, &state.outputs[other])
        failure = failure ?? outcome
      }
      guard let color else { return failure }
      guard state.outputs[color] != nil else {
        return failure ?? .unsupported("the \(name.rawValue) lamp has no \(color.rawValue): nothing is wired to it")
      }
      let outcome = Self.set(true, &state.outputs[color])
      return failure ?? outcome
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
    state.withLock { state in
      for color in name.colors { state.outputs[color]?.close() }
      state.isClosed = true
    }
  }
}
