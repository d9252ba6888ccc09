import Hardware
import Linux

/// Keeps the lamps at what the table says, waking up only when one has to change.
final class LampDriver {
  private let lamps: [any Lamp]
  private let loop: EventLoop
  private let changed: () -> Void
  private var display = Display.starting
  private var behind = Display.starting
  private var captured = false
  private var since: MonotonicTime
  private var timer: LoopTimer?
  /// Lamps that do not work.
  private(set) var failing: [LampName: DeviceError] = [:]
  private(set) var lights = LampLights(status: .off, call: .off, talk: .off)

  init(_ lamps: [any Lamp], on loop: EventLoop, changed: @escaping () -> Void) {
    self.lamps = lamps
    self.loop = loop
    self.changed = changed
    since = .now()
  }

  func show(_ display: Display, behind: Display, captured: Bool) {
    if display != self.display || behind != self.behind { since = .now() }
    self.display = display
    self.behind = behind
    self.captured = captured
    render()
  }

  /// All off, at the end.
  func dark() {
    timer?.cancel()
    apply(LampLights(status: .off, call: .off, talk: .off))
  }

  private func render() {
    timer?.cancel()
    let (lights, remaining) = LampLights.render(display, behind: behind, captured: captured, elapsed: .now() - since)
    apply(lights)
    // A lamp that failed is tried again even where nothing changes: its chip may be back.
    let next = failing.isEmpty ? remaining : min(remaining ?? .seconds(1), .seconds(1))
    if let next { timer = loop.after(next) { [weak self] in self?.render() } }
  }

  private func apply(_ lights: LampLights) {
    let before = (self.lights, failing)
    self.lights = lights
    for lamp in lamps {
      let light =
        switch lamp.name {
        case .status: lights.status
        case .call: lights.call
        case .talk: lights.talk
        }
      do throws(DeviceError) {
        try lamp.set(light.color)
        if failing.removeValue(forKey: lamp.name) != nil { Log.info("lamp \(lamp.name.rawValue): back") }
      } catch {
        if failing.updateValue(error, forKey: lamp.name) != error {
          Log.warning("lamp \(lamp.name.rawValue): \(error)")
        }
      }
    }
    if before != (lights, failing) { changed() }
  }
}

extension Light {
  /// Nil for off.
  var color: LampColor? {
    switch self {
    case .off: nil
    case .blue: .blue
    case .red: .red
    case .amber: .amber
    case .green: .green
    }
  }
}
