import Glibc
import Linux

extension DeviceError {
  /// What a failed system call says of a device. `allow` says what lets this process use it.
  init(_ error: SystemError, toAllow allow: String) {
    switch error.code {
    case ENODEV, ENXIO: self = .gone
    case EBUSY: self = .busy(by: nil)
    case EACCES, EPERM: self = .denied("\(error): \(allow)")
    default:
      self = .ioFailure(call: error.about.isEmpty ? error.call : "\(error.call) \(error.about)", errno: error.code)
    }
  }
}

/// Makes a call, and makes it again for as long as signals interrupt it.
func uninterrupted<Value>(_ call: () -> Result<Value, SystemError>) -> Result<Value, SystemError> {
  while true {
    let result = call()
    if case .failure(let error) = result, error.code == EINTR { continue }
    return result
  }
}
