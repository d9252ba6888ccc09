import Links
import Testing

@testable import Hardware

/// The library itself, on a machine that need not have a chip.
@Suite struct GPIOLibraryTests {
  private func open(_ chip: String) throws {
    try GPIOButton(.call, GPIOButtonWiring(line: GPIOLineName(chip: chip, "0"))).open()
  }

  @Test(arguments: ["/dev/null", "/dev/zero", "/proc/self/maps"]) func somethingElseIsNoChip(path: String) {
    #expect(throws: DeviceError.unsupported("\(path) is no GPIO chip")) { try open(path) }
  }

  @Test(arguments: ["/dev/gpiochip4711", "gpiochip4711", "pinctrl-elsewhere", ""])
  func aMissingChipIsSaid(chip: String) throws {
    do {
      try open(chip)
      Issue.record("opened")
    } catch DeviceError.missing(let words) {
      #expect(words.hasPrefix("no GPIO chip \(chip): there is "))
    }
  }
}
