import Hardware
import Testing

@Suite struct GPIOLineNameTests {
  @Test func digitsAreANumberAndAnythingElseIsAName() {
    #expect(GPIOLineName(chip: "gpiochip0", "17").line == .offset(17))
    #expect(GPIOLineName(chip: "gpiochip0", "GPIO17").line == .name("GPIO17"))
    #expect(GPIOLineName(chip: "gpiochip0", "-1").line == .name("-1"))
    #expect(GPIOLineName(chip: "gpiochip0", "99999999999").line == .name("99999999999"))
    #expect("\(GPIOLineName(chip: "gpiochip0", "17"))" == "line 17 of gpiochip0")
  }

  @Test func wiresOfLamps() {
    #expect(LampWire(chip: "gpiochip0", "led:ACT", activeLow: true) == .led("ACT"))
    #expect(
      LampWire(chip: "gpiochip0", "22", activeLow: true)
        == .line(GPIOLineName(chip: "gpiochip0", line: .offset(22)), activeLow: true))
    #expect("\(LampWire(chip: "gpiochip0", "led:ACT", activeLow: true))" == "LED ACT")
  }
}
