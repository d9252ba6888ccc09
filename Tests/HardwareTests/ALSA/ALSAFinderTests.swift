import Linux
import TestSupport
import Testing

@testable import Hardware

@Suite struct ALSAFinderTests {
  private let directory: ScratchDirectory
  private var finder: ALSAFinder { ALSAFinder(directory: directory.path) }

  init() throws { directory = try ScratchDirectory() }

  private func add(_ number: Int, _ id: String, usb: String? = nil, _ devices: [String]) throws {
    let folder = "\(directory.path)/card\(number)"
    try Files.makeDirectory(folder)
    for device in devices { try Files.makeDirectory("\(folder)/\(device)") }
    try write(Array("\(id)\n".utf8), to: "\(folder)/id")
    if let usb { try write(Array("\(usb)\n".utf8), to: "\(folder)/usbid") }
  }

  private func name(_ wanted: String, capture: Bool, known: ALSACard? = nil) throws(DeviceError) -> String {
    try finder.find(wanted, isCapture: capture, known: known).name
  }

  @Test func byItselfAUSBCardIsTakenFirst() throws {
    try add(0, "vc4hdmi", ["pcm0p"])
    try add(1, "PCH", ["pcm0c", "pcm0p", "pcm3p"])
    try add(2, "C920", usb: "046d:082d", ["pcm0c"])
    try add(10, "Device", usb: "0d8c:0014", ["pcm1p", "pcm0p", "pcm0c"])
    #expect(try name("auto", capture: true) == "hw:CARD=C920,DEV=0")
    #expect(try name("auto", capture: false) == "hw:CARD=Device,DEV=0")
    #expect(finder.cards(isCapture: false).map(\.id) == ["Device", "vc4hdmi", "PCH"])
  }

  @Test func withoutACardThereIsNone() throws {
    #expect(throws: DeviceError.gone) { try name("auto", capture: true) }
    try add(0, "vc4hdmi", ["pcm0p"])
    #expect(throws: DeviceError.gone) { try name("auto", capture: true) }
  }

  @Test func aNamedCardIsMeantAndNoOther() throws {
    try add(1, "PCH", ["pcm0c", "pcm2c"])
    try add(2, "C920", usb: "046d:082d", ["pcm0c"])
    for wanted in ["PCH", "hw:PCH", "hw:CARD=PCH", "hw:CARD=PCH,DEV=0", "plughw:PCH,0"] {
      #expect(try name(wanted, capture: true) == "hw:CARD=PCH,DEV=0", "\(wanted)")
    }
    #expect(try name("hw:CARD=PCH,DEV=2", capture: true) == "hw:CARD=PCH,DEV=2")
    #expect(throws: DeviceError.missing("sound card Headset is not there; there is C920, PCH")) {
      try name("hw:CARD=Headset", capture: true)
    }
    #expect(throws: DeviceError.missing("sound card PCH is not there, nor any other")) {
      try name("PCH", capture: false)
    }
  }

  @Test(arguments: ["null", "default", "file:/tmp/sound,raw", "hw:0", "hw:1,0", "tee:null", "hw:", "hw:,,,,"])
  func otherNamesAreLeftToALSA(_ wanted: String) throws {
    #expect(try finder.find(wanted, isCapture: true, known: nil) == ALSAPlace(name: wanted))
  }

  @Test func theSameCardIsFoundAgainUnderAnotherNumberAndId() throws {
    let known = ALSACard(number: 1, id: "Device", usb: "0d8c:0014", device: 0)
    try add(1, "Other", usb: "1234:5678", ["pcm0c"])
    #expect(try name("auto", capture: true, known: known) == "hw:CARD=Other,DEV=0")
    try add(4, "Device_1", usb: "0d8c:0014", ["pcm0c"])
    #expect(try name("auto", capture: true, known: known) == "hw:CARD=Device_1,DEV=0")
    #expect(try name("hw:CARD=Device", capture: true, known: known) == "hw:CARD=Device_1,DEV=0")
    try add(5, "Device", usb: "0d8c:0014", ["pcm0c"])
    #expect(try name("auto", capture: true, known: known) == "hw:CARD=Device,DEV=0")
  }

  @Test func aNamedCardThatWasThereIsGone() throws {
    try add(1, "Other", usb: "1234:5678", ["pcm0c"])
    let known = ALSACard(number: 1, id: "Device", usb: "0d8c:0014", device: 0)
    #expect(throws: DeviceError.gone) { try name("Device", capture: true, known: known) }
  }

  @Test func whoHasItIsToldByItsName() throws {
    try add(1, "Device", ["pcm0c"])
    let card = ALSACard(number: 1, id: "Device", usb: nil, device: 0)
    #expect(finder.holder(of: card, isCapture: true) == nil)
    let folder = "\(directory.path)/card1/pcm0c/sub0"
    try Files.makeDirectory(folder)
    try write(Array("closed\n".utf8), to: "\(folder)/status")
    #expect(finder.holder(of: card, isCapture: true) == nil)
    try write(Array("state: RUNNING\nowner_pid   : 1\n".utf8), to: "\(folder)/status")
    #expect(finder.holder(of: card, isCapture: true) == SmallFile.line("/proc/1/comm") ?? "process 1")
  }

  @Test func damagedListsAreNoCards() throws {
    for name in ["card", "cardx", "card1", "card99999999999999999999", "cards"] {
      try Files.makeDirectory("\(directory.path)/\(name)")
    }
    try Files.makeDirectory("\(directory.path)/card1/pcmc")
    try Files.makeDirectory("\(directory.path)/card1/pcm99999999999999999999c")
    #expect(finder.cards(isCapture: true).isEmpty)
  }
}
