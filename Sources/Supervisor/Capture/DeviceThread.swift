import Hardware
import Links
import Linux

/// What a device's thread tells the loop.
enum DeviceReport: Sendable, Equatable {
  /// It delivers; the mode for a camera.
  case running(CameraMode?)
  /// It is gone or fails, in words; the thread keeps trying.
  case gone(String)
  case ended
}

/// A capture device's thread, which runs only while somebody wants what the device delivers. All on the loop but `body`.
final class DeviceThread<Settings: Sendable & Equatable> {
  typealias Body = @Sendable (Settings, StopSignal, (DeviceReport) -> Void) -> Void

  private struct Run {
    var settings: Settings
    var stop: StopSignal
    var worker: Worker
  }

  let name: DeviceName
  private let mailbox: Mailbox<DeviceReport>
  private let body: Body
  /// Ends a call that waits in the device.
  private let interrupt: @Sendable () -> Void
  private let changed: (DeviceReport) -> Void
  private var run: Run?
  private var wanted: Settings?

  init(
    _ name: DeviceName, on loop: EventLoop, interrupt: @escaping @Sendable () -> Void, body: @escaping Body,
    changed: @escaping (DeviceReport) -> Void
  ) throws(SystemError) {
    self.name = name
    self.body = body
    self.interrupt = interrupt
    self.changed = changed
    mailbox = try Mailbox()
    try loop.attach(mailbox) { [weak self] in self?.handle($0) }
  }

  /// Whether the device is open or being opened.
  var isActive: Bool { run != nil }

  /// Nil stops it. Other settings stop it and start it again.
  func want(_ settings: Settings?) {
    wanted = settings
    if let run {
      guard run.settings != settings else { return }
      run.stop.raise()
      interrupt()
    } else if let settings {
      start(settings)
    }
  }

  /// Ends the thread and waits for it; for the end of the box.
  func finish() {
    want(nil)
    run?.worker.join()
    run = nil
  }

  private func start(_ settings: Settings) {
    do {
      let stop = try StopSignal()
      let worker = try Worker(name: name.rawValue) { [body, mailbox] in
        var last: DeviceReport?
        body(settings, stop) { report in
          // The same failure again and again is told once.
          guard report != last else { return }
          last = report
          mailbox.send(report)
        }
        mailbox.send(.ended)
      }
      run = Run(settings: settings, stop: stop, worker: worker)
    } catch {
      Log.error("\(name.rawValue): no thread: \(error)")
      handle(.gone("\(error)"))
    }
  }

  private func handle(_ report: DeviceReport) {
    if report == .ended {
      run?.worker.join()
      run = nil
      if let wanted { start(wanted) }
    }
    changed(report)
  }
}
