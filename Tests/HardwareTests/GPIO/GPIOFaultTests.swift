import Glibc
import Linux
import Testing

@testable import Hardware

/// What each error of the kernel makes of a button and of a lamp.
@Suite struct GPIOFaultTests {
  struct Fault: Sendable, CustomTestStringConvertible {
    var call: PlayedGPIO.Call
    var codes: [Int32]
    /// Nil where nobody notices.
    var error: DeviceError?
    var testDescription: String { "\(call) \(codes)" }

    init(_ call: PlayedGPIO.Call, _ codes: Int32..., error: DeviceError? = nil) {
      self.call = call
      self.codes = codes
      self.error = error
    }
  }

  static let line = GPIOLineName(chip: "played-gpio", line: .name("SPARE"))
  static let advice = "run the box as root, or put its user into the group that may (gpio)"
  static func failed(_ call: String, _ code: Int32) -> DeviceError { .ioFailure(call: call, errno: code) }
  static func ofLine(_ call: String) -> String { "\(call) line SPARE of played-gpio" }

  /// While a line is opened.
  static let opening: [Fault] = [
    Fault(.openChip, EINTR, EINTR),
    Fault(.openChip, EACCES, error: .denied("openChip: Permission denied: \(advice)")),
    Fault(.openChip, EPERM, error: .denied("openChip: Operation not permitted: \(advice)")),
    Fault(.openChip, EMFILE, error: failed("openChip", EMFILE)),
    Fault(.openChip, EIO, error: failed("openChip", EIO)),
    // A chip that goes while its label is looked for is not there.
    Fault(.openChip, ENODEV, error: .missing("no GPIO chip played-gpio: there is gpiochip0 (played-gpio)")),
    Fault(.openChip, ENXIO, error: .missing("no GPIO chip played-gpio: there is gpiochip0 (played-gpio)")),
    Fault(.openChip, ENOENT, error: .missing("no GPIO chip played-gpio: there is gpiochip0 (played-gpio)")),
    Fault(.describeChip, EINTR),
    Fault(.describeChip, EIO, error: failed("describeChip", EIO)),
    Fault(.findLine, EINTR),
    Fault(.findLine, ENODEV, error: .gone),
    Fault(.findLine, EIO, error: failed("findLine", EIO)),
    Fault(.request, EINTR, EINTR, EINTR),
    Fault(.request, EBUSY, error: .busy(by: nil)),
    Fault(.request, ENODEV, error: .gone),
    Fault(.request, ENXIO, error: .gone),
    Fault(.request, EACCES, error: .denied("\(ofLine("request")): Permission denied: \(advice)")),
    Fault(.request, EINVAL, error: failed(ofLine("request"), EINVAL)),
    Fault(.request, EIO, error: failed(ofLine("request"), EIO)),
  ]

  private func button(_ kernel: PlayedGPIO) throws -> GPIOButton {
    try GPIOButton(.call, GPIOButtonWiring(line: Self.line, activeLow: false, bias: .asIs), calls: kernel.calls)
  }
  private func lamp(_ kernel: PlayedGPIO) -> WiredLamp {
    WiredLamp(
      .talk, [.green: .line(Self.line, activeLow: false)], ledDirectory: "/nowhere", gpio: kernel.calls,
      files: .system)
  }

  private func expect(_ error: DeviceError?, _ body: () throws -> Void) {
    do {
      try body()
      #expect(error == nil)
    } catch let thrown as DeviceError {
      #expect(thrown == error)
    } catch {
      Issue.record(error)
    }
  }

  @Test(
    arguments: opening + [
      Fault(.isActive, EINTR), Fault(.isActive, ENODEV, error: .gone),
      Fault(.isActive, EIO, error: failed(ofLine("isActive"), EIO)),
    ])
  func buttonThatIsOpened(fault: Fault) throws {
    let kernel = PlayedGPIO()
    let button = try button(kernel)
    for code in fault.codes { kernel.fail(fault.call, code) }
    expect(fault.error) { try button.open() }
    if let error = fault.error {
      #expect(kernel.open == 0)
      #expect(!button.isReadable())
      #expect(throws: error) { try button.nextEdge() }
      try button.open()
    }
    try kernel.drive(.spare, high: true)
    #expect(try button.awaitEdge().down)
    button.close()
    #expect(kernel.open == 0)
  }

  @Test(arguments: opening) func lampThatIsOpened(fault: Fault) throws {
    let kernel = PlayedGPIO()
    let lamp = lamp(kernel)
    for code in fault.codes { kernel.fail(fault.call, code) }
    expect(fault.error) { try lamp.set(.green) }
    if fault.error != nil {
      #expect(kernel.open == 0)
      #expect(try !kernel.isHigh(.spare))
      try lamp.set(.green)
    }
    #expect(try kernel.isHigh(.spare))
    lamp.close()
    #expect(kernel.open == 0)
    #expect(try !kernel.isHigh(.spare))
  }

  /// While edges are read.
  static let reading: [Fault] = [
    Fault(.readEdge, EINTR, EINTR),
    Fault(.readEdge, ENODEV, error: .gone),
    Fault(.readEdge, ENXIO, error: .gone),
    // Also what a read gives that ends within an edge.
    Fault(.readEdge, EIO, error: failed(ofLine("readEdge"), EIO)),
    Fault(.readEdge, EBADF, error: failed(ofLine("readEdge"), EBADF)),
  ]

  @Test(arguments: reading) func buttonThatIsRead(fault: Fault) throws {
    let kernel = PlayedGPIO()
    let button = try button(kernel)
    try button.open()
    try kernel.drive(.spare, high: true)
    for code in fault.codes { kernel.fail(fault.call, code) }
    expect(fault.error) {
      let edge = try button.nextEdge()
      #expect(edge?.down == true)
    }
    if let error = fault.error {
      // It says so again, wakes nobody, and holds nothing.
      #expect(throws: error) { try button.nextEdge() }
      #expect(!button.isReadable())
      #expect(kernel.open == 0)
      try button.open()
      #expect(try button.awaitEdge().down)
    }
    #expect(try button.nextEdge() == nil)
    try kernel.drive(.spare, high: false)
    #expect(try !button.awaitEdge().down)
  }

  @Test func nothingWaitsIsNoFailure() throws {
    let kernel = PlayedGPIO()
    let button = try button(kernel)
    try button.open()
    kernel.fail(.readEdge, EAGAIN)
    #expect(try button.nextEdge() == nil)
    // An edge that cannot be read yet is known from the level.
    try kernel.drive(.spare, high: true)
    kernel.fail(.readEdge, EAGAIN, EAGAIN)
    #expect(try button.nextEdge()?.down == true)
    // And its own, which comes late, is not told twice.
    #expect(try button.nextEdge() == nil)
    #expect(!button.isReadable())
  }

  @Test func aLevelThatCannotBeReadEndsTheButton() throws {
    let kernel = PlayedGPIO()
    let button = try button(kernel)
    try button.open()
    kernel.fail(.isActive, EIO)
    #expect(throws: Self.failed(Self.ofLine("isActive"), EIO)) { try button.nextEdge() }
    #expect(kernel.open == 0)
  }

  static let setting: [Fault] = [
    Fault(.setActive, EINTR, EINTR),
    Fault(.setActive, ENODEV, error: .gone),
    Fault(.setActive, ENXIO, error: .gone),
    Fault(.setActive, EPERM, error: .denied("\(ofLine("setActive")): Operation not permitted: \(advice)")),
    Fault(.setActive, EIO, error: failed(ofLine("setActive"), EIO)),
  ]

  @Test(arguments: setting) func lampThatIsSet(fault: Fault) throws {
    let kernel = PlayedGPIO()
    let lamp = lamp(kernel)
    try lamp.set(nil)
    for code in fault.codes { kernel.fail(fault.call, code) }
    expect(fault.error) { try lamp.set(.green) }
    if fault.error != nil {
      #expect(kernel.open == 0)
      // The next try opens it anew.
      try lamp.set(.green)
    }
    #expect(try kernel.isHigh(.spare))
  }

  @Test func whoHasABusyLineMayBeUnknown() throws {
    let kernel = PlayedGPIO()
    let other = try GPIOLine(Self.line, GPIORequest(consumer: "", activeLow: false, use: .output(false)), kernel.calls)
    #expect(throws: DeviceError.busy(by: nil)) { try lamp(kernel).set(.green) }
    withExtendedLifetime(other) {}
    let named = try GPIOLine(
      GPIOLineName(chip: "gpiochip0", "5"), GPIORequest(consumer: "fan", activeLow: false, use: .output(false)),
      kernel.calls)
    let third = WiredLamp(
      .talk, [.green: .line(GPIOLineName(chip: "gpiochip0", "5"), activeLow: false)], ledDirectory: "/nowhere",
      gpio: kernel.calls, files: .system)
    kernel.fail(.describeLine, EIO)
    #expect(throws: DeviceError.busy(by: nil)) { try third.set(.green) }
    #expect(throws: DeviceError.busy(by: "fan")) { try third.set(.green) }
    withExtendedLifetime(named) {}
  }

  @Test func wallClockTimesOfOldKernelsBecomeMonotonic() throws {
    let kernel = PlayedGPIO()
    var calls = kernel.calls
    let read = calls.readEdge
    calls.readEdge = { line in
      read(line).map { GPIOEdge(rising: $0.rising, nanoseconds: UInt64(WallTime.now().milliseconds) * 1_000_000) }
    }
    let button = try GPIOButton(
      .call, GPIOButtonWiring(line: Self.line, activeLow: false, bias: .asIs), calls: calls)
    try button.open()
    let before = MonotonicTime.now()
    try kernel.drive(.spare, high: true)
    let edge = try button.awaitEdge()
    #expect(edge.time >= before)
    #expect(edge.time <= .now())
  }

  @Test(arguments: [UInt64.min, .max]) func anyTimeOfAnEdgeIsBorne(nanoseconds: UInt64) throws {
    let kernel = PlayedGPIO()
    var calls = kernel.calls
    let read = calls.readEdge
    calls.readEdge = { line in read(line).map { GPIOEdge(rising: $0.rising, nanoseconds: nanoseconds) } }
    let button = try GPIOButton(
      .call, GPIOButtonWiring(line: Self.line, activeLow: false, bias: .asIs), calls: calls)
    let before = MonotonicTime.now()
    try button.open()
    try kernel.drive(.spare, high: true)
    let edge = try button.awaitEdge()
    #expect(edge.time >= before)
    #expect(edge.time <= .now())
  }
}
