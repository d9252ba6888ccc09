/// A line that lights one colour of a lamp.
struct GPIOOutput: LampOutput {
  private let name: GPIOLineName
  private let activeLow: Bool
  private let calls: GPIOCalls
  private var line: GPIOLine?

  init(_ name: GPIOLineName, activeLow: Bool, _ calls: GPIOCalls) {
    self.name = name
    self.activeLow = activeLow
    self.calls = calls
  }

  mutating func set(_ lit: Bool) throws(DeviceError) {
    guard let line else {
      // Requested with its value, so nothing flashes.
      line = try GPIOLine(name, GPIORequest(activeLow: activeLow, use: .output(lit)), calls)
      return
    }
    do throws(DeviceError) {
      try line.setActive(lit)
    } catch {
      self.line = nil
      throw error
    }
  }

  mutating func close() {
    try? line?.setActive(false)
    line = nil
  }
}
