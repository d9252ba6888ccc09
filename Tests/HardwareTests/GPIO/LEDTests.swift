import Glibc
import Linux
import Synchronization
import TestSupport
import Testing

@testable import Hardware

/// Lamps on the kernel's LEDs.
@Suite struct LEDTests {
  private let directory: ScratchDirectory
  init() throws { directory = try ScratchDirectory() }

  private func lamp(_ name: String = "ACT", _ files: FileCalls = .system) -> WiredLamp {
    WiredLamp(
      .talk, [.green: .led(name)], ledDirectory: directory.path, gpio: PlayedGPIO().calls, files: files)
  }

  @Test func itIsTakenFromItsTriggerAndShinesAsBrightAsItCan() throws {
    let led = try PlayedLED("ACT", in: directory.path, brightest: "31")
    do {
      let lamp = lamp()
      try lamp.set(nil)
      #expect(led.trigger == "none")
      #expect(led.brightness == "0")
      try lamp.set(.green)
      #expect(led.brightness == "31")
      try lamp.set(nil)
      #expect(led.brightness == "0")
      try lamp.set(.green)
    }
    #expect(led.brightness == "0")
  }

  @Test func aMissingOneIsSaidWithWhatIsThere() throws {
    #expect(throws: DeviceError.missing("no LED ACT in \(directory.path): there is none")) { try lamp().set(.green) }
    _ = try PlayedLED("mmc0::", in: directory.path)
    _ = try PlayedLED("PWR", in: directory.path)
    #expect(throws: DeviceError.missing("no LED ACT in \(directory.path): there is PWR, mmc0::")) {
      try lamp().set(.green)
    }
  }

  @Test(arguments: ["", ".", "..", "../ACT", "a/b"]) func otherFoldersAreRefused(name: String) throws {
    #expect(
      throws: DeviceError.unsupported("\(name) is no name of a LED: expected one of those in \(directory.path)")
    ) { try lamp(name).set(.green) }
  }

  @Test(arguments: ["", "0", "-1", "bright", "99999999999999999999"]) func aBrightnessThatIsNoneIsSaid(text: String)
    throws
  {
    _ = try PlayedLED("ACT", in: directory.path, brightest: text)
    #expect(throws: DeviceError.unsupported("LED ACT: max_brightness is “\(text)”, expected a number above 0")) {
      try lamp().set(.green)
    }
  }

  @Test func oneThatGoesIsGoneAndShinesAgainWhenItIsBack() throws {
    let led = try PlayedLED("ACT", in: directory.path)
    let lamp = lamp()
    try lamp.set(.green)
    rename("\(directory.path)/ACT", "\(directory.path)/elsewhere")
    #expect(throws: DeviceError.gone) { try lamp.set(nil) }
    #expect(throws: DeviceError.gone) { try lamp.set(.green) }
    _ = try PlayedLED("ACT", in: directory.path)
    try lamp.set(.green)
    #expect(led.trigger == "none")
    #expect(led.brightness == "255")
  }

  struct Fault: Sendable, CustomTestStringConvertible {
    /// Call and file.
    var call: String
    var codes: [Int32]
    /// With the folder left out.
    var error: DeviceError?
    var testDescription: String { "\(call) \(codes)" }

    init(_ call: String, _ codes: Int32..., error: DeviceError? = nil) {
      self.call = call
      self.codes = codes
      self.error = error
    }
  }

  private static let advice = "run the box as root, or let the group of its user write there (Board/udev)"

  static let faults: [Fault] = [
    Fault("open max_brightness", EINTR, EINTR),
    Fault("open max_brightness", EIO, error: .ioFailure(call: "open ACT/max_brightness", errno: EIO)),
    Fault("read max_brightness", EINTR),
    Fault("read max_brightness", ENODEV, error: .gone),
    Fault("read max_brightness", EIO, error: .ioFailure(call: "read ACT/max_brightness", errno: EIO)),
    Fault("open trigger", ENOENT),
    Fault("open trigger", EACCES, error: .denied("open ACT/trigger: Permission denied: \(advice)")),
    Fault("write trigger", EINTR),
    Fault("write trigger", EBUSY, error: .busy(by: nil)),
    Fault("open brightness", EINTR),
    Fault("open brightness", EACCES, error: .denied("open ACT/brightness: Permission denied: \(advice)")),
    Fault("open brightness", EPERM, error: .denied("open ACT/brightness: Operation not permitted: \(advice)")),
    Fault("open brightness", EMFILE, error: .ioFailure(call: "open ACT/brightness", errno: EMFILE)),
    Fault("write brightness", EINTR, EINTR),
    Fault("write brightness", ENODEV, error: .gone),
    Fault("write brightness", ENXIO, error: .gone),
    Fault("write brightness", EBUSY, error: .busy(by: nil)),
    Fault("write brightness", EIO, error: .ioFailure(call: "write ACT/brightness", errno: EIO)),
    // A write that takes a part only.
    Fault("write brightness", 0, error: .ioFailure(call: "write ACT/brightness", errno: EIO)),
  ]

  @Test(arguments: faults) func whatEachErrorMakesOfALamp(fault: Fault) throws {
    let led = try PlayedLED("ACT", in: directory.path)
    let files = FaultyFiles(fault.call, fault.codes)
    let lamp = lamp("ACT", files.calls)
    do throws(DeviceError) {
      try lamp.set(.green)
      #expect(fault.error == nil)
    } catch {
      let expected = try #require(fault.error)
      #expect("\(error)".replacing("\(directory.path)/", with: "") == "\(expected)")
      // The next try opens it anew.
      try lamp.set(.green)
    }
    #expect(led.brightness == "255")
    lamp.close()
    #expect(led.brightness == "0")
    #expect(files.open == 0)
  }
}

/// Files whose next calls of one kind fail; a code of 0 cuts a write short.
private final class FaultyFiles: Sendable {
  private struct State {
    var codes: [Int32]
    var paths: [Int32: String] = [:]
  }
  private let call: String
  private let state: Mutex<State>

  init(_ call: String, _ codes: [Int32]) {
    self.call = call
    state = Mutex(State(codes: codes))
  }

  /// Descriptors that were not given back.
  var open: Int { state.withLock { $0.paths.count } }

  private func fault(_ name: String, _ path: String) -> Int32? {
    state.withLock { state in
      guard "\(name) \(path.split(separator: "/").last ?? "")" == call, !state.codes.isEmpty else { return nil }
      return state.codes.removeFirst()
    }
  }

  private func path(_ descriptor: Int32) -> String { state.withLock { $0.paths[descriptor] ?? "" } }

  var calls: FileCalls {
    let system = FileCalls.system
    return FileCalls(
      names: system.names,
      open: { [self] path, flags in
        if let code = fault("open", path) { return .failure(SystemError("open", code: code)) }
        let result = system.open(path, flags)
        if case .success(let descriptor) = result { state.withLock { $0.paths[descriptor] = path } }
        return result
      },
      read: { [self] descriptor, count in
        if let code = fault("read", path(descriptor)) { return .failure(SystemError("read", code: code)) }
        return system.read(descriptor, count)
      },
      write: { [self] descriptor, bytes in
        switch fault("write", path(descriptor)) {
        case nil: return system.write(descriptor, bytes)
        case 0: return system.write(descriptor, Array(bytes.prefix(1)))
        case let code?: return .failure(SystemError("write", code: code))
        }
      },
      close: { [self] descriptor in
        state.withLock { _ = $0.paths.removeValue(forKey: descriptor) }
        system.close(descriptor)
      })
  }
}
