/// What lights one colour of a lamp.
protocol LampOutput: Sendable {
  /// Opens it where it is not open, so one that was gone works again once it is back.
  mutating func set(_ lit: Bool) throws(DeviceError)
  /// Makes it dark and lets go of it.
  mutating func close()
}
