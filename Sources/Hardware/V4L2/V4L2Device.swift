import CV4L2
import Glibc
import Linux

/// An open video node, the one owner of its descriptor.
final class V4L2Device {
  let path: String
  let descriptor: Int32
  let calls: V4L2Calls

  init(opening path: String, _ calls: V4L2Calls) throws(DeviceError) {
    self.path = path
    self.calls = calls
    switch uninterrupted({ calls.open(path) }) {
    case .success(let descriptor): self.descriptor = descriptor
    case .failure(let error): throw Self.error(error, path, calls)
    }
  }

  deinit { calls.close(descriptor) }

  /// Lets libv4l take part from here on. One that refuses is done without: the kernel's own calls are the same.
  func adopt() { _ = calls.adopt(descriptor) }

  /// Makes a request, again for as long as signals interrupt it.
  func request<Value>(_ request: V4L2Request, _ value: inout Value) throws(DeviceError) {
    let code = attempt(request, &value)
    guard code == 0 else { throw error(request.rawValue, code) }
  }

  /// The same for requests whose failure is an answer: 0 or the error number.
  func attempt<Value>(_ request: V4L2Request, _ value: inout Value) -> Int32 {
    while true {
      let code = withUnsafeMutablePointer(to: &value) {
        calls.request(descriptor, request, UnsafeMutableRawPointer($0))
      }
      if code != EINTR { return code }
    }
  }

  func error(_ call: String, _ code: Int32) -> DeviceError {
    Self.error(SystemError(call, code: code), path, calls)
  }

  private static func error(_ error: SystemError, _ path: String, _ calls: V4L2Calls) -> DeviceError {
    switch error.code {
    // A node whose device went between finding and opening it.
    case ENOENT, ESHUTDOWN: .gone
    case EBUSY: .busy(by: calls.holder(path))
    default: DeviceError(error, toAllow: "the user must be in the group video")
    }
  }
}
