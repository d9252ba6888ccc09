import Hardware
import Links
import Linux

/// What a device's thread tells the loop.
enum DeviceReport: Sendable, Equatable {
  /// It delivers; the mode for a camera, and what else people may want to know.
  case running(CameraMode?, detail: String = "")
  /// It is gone or fails, in words; the thread keeps trying.
  case gone(String)
  case ended
}

/// A capture device's thread, which runs only while somebody wants what the device delivers. All on the loop but `body`.
///
/// Drivers get stuck: a thread in the kernel cannot be ended, and nobody may wait for it. One that does not come back in time is
/// told as a fault and left alone; when it does come back it ends, and another one begins if it is wanted.
final class DeviceThread<Settings: Sendable & Equatable> {
  typealias Body = @Sendable (Settings, StopSignal, (DeviceReport) -> Void) -> Void

  /// How patient the loop is.
  struct Bounds: Sendable {
    /// From telling the thread to end until it has to be back.
    var answer = Interval.seconds(5)
    /// How often it is looked at.
    var check = Interval.seconds(1)
    /// How long the end of the box waits for it.
    var finish = Interval.seconds(2)
  }

  private struct Run {
    var settings: Settings
    var stop: StopSignal
    var worker: Worker
    /// When it has to be back, once it has been told to end.
    var due: MonotonicTime?
    var isStuck = false
  }

  let name: DeviceName
  private let loop: EventLoop
  private let mailbox: Mailbox<DeviceReport>
  private let body: Body
  /// Ends a call that waits in the device.
  private let interrupt: @Sendable () -> Void
  private let pulse: DevicePulse?
  private let bounds: Bounds
  private let changed: (DeviceReport) -> Void
  private var run: Run?
  private var wanted: Settings?
  private var watchdog: LoopTimer?

  /// - Parameter pulse: by which `body` shows that its calls come back; without one only its end is looked after.
  init(
    _ name: DeviceName, on loop: EventLoop, pulse: DevicePulse? = nil, bounds: Bounds = Bounds(),
    interrupt: @escaping @Sendable () -> Void, body: @escaping Body, changed: @escaping (DeviceReport) -> Void
  ) throws(SystemError) {
    self.name = name
    self.loop = loop
    self.pulse = pulse
    self.bounds = bounds
    self.body = body
    self.interrupt = interrupt
    self.changed = changed
    mailbox = try Mailbox()
    try loop.attach(mailbox) { [weak self] in self?.handle($0) }
  }

  /// Whether the device is open or being opened. One whose driver is stuck is: nobody can tell what it does.
  var isActive: Bool { run != nil }

  /// Nil stops it. Other settings stop it and start it again.
  func want(_ settings: Settings?) {
    wanted = settings
    if let run {
      if run.settings != settings { end() }
    } else if let settings {
      start(settings)
    }
  }

  /// Ends the thread and waits for it, but not for ever; for the end of the box.
  func finish() {
    want(nil)
    watchdog?.cancel()
    if let run, !run.worker.join(within: bounds.finish) {
      Log.error("\(name.rawValue): the driver does not answer; its thread is left behind")
    }
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
      watchdog?.cancel()
      watchdog = loop.every(bounds.check) { [weak self] in self?.look() }
    } catch {
      Log.error("\(name.rawValue): no thread: \(error)")
      handle(.gone("\(error)"))
    }
  }

  /// Tells the thread to end, once.
  private func end() {
    guard let run, run.due == nil else { return }
    self.run?.due = .now() + bounds.answer
    run.stop.raise()
    interrupt()
  }

  /// Whether the thread is stuck.
  private func look() {
    guard let run, !run.isStuck else { return }
    let now = MonotonicTime.now()
    guard run.due.map({ $0 < now }) ?? false || pulse?.isOverdue(now) ?? false else { return }
    self.run?.isStuck = true
    // When it comes back, what it knew of the device is old.
    end()
    changed(.gone("driver does not answer"))
  }

  private func handle(_ report: DeviceReport) {
    guard report == .ended else {
      if run?.isStuck != true { changed(report) }
      return
    }
    watchdog?.cancel()
    run?.worker.join()
    run = nil
    if let wanted { start(wanted) }
    changed(report)
  }
}
