import Links

/// From where on the machine itself is a fault.
enum MachineLimits {
  /// A Pi slows down at 80 °C and more at 85 °C.
  static let hottestCelsius = 80.0
  static let leastStorageBytes = 32 << 20
  static let leastMemoryBytes = 24 << 20

  static func faults(_ machine: BoxStatus.Machine) -> [String: String] {
    var found: [String: String] = [:]
    if let celsius = machine.temperatureCelsius, celsius >= hottestCelsius {
      found["temperature"] = "\(Int(celsius)) °C: it slows down from \(Int(hottestCelsius)) °C on"
    }
    if let bytes = machine.storageAvailableBytes, bytes < leastStorageBytes {
      found["storage"] = "\(bytes >> 20) MB are left"
    }
    if let bytes = machine.memoryAvailableBytes, bytes < leastMemoryBytes {
      found["memory"] = "\(bytes >> 20) MB are left"
    }
    return found
  }
}
