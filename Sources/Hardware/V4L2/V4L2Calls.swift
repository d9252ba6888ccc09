import Linux

/// What the camera's driver asks of the kernel and of libv4l. A test hands in its own, and plays the kernel.
struct V4L2Calls: Sendable {
  /// What a wait ended with.
  struct Woken: Sendable, Equatable {
    /// A picture waits.
    var ready = false
    /// The driver cannot go on; its next answer says why.
    var failed = false
    /// The second descriptor can be read.
    var interrupted = false
  }

  /// Opens a node for calls that never wait.
  var open: @Sendable (_ path: String) -> Result<Int32, SystemError>
  /// Hands an open node to libv4l, which may refuse; 0 or the error number.
  var adopt: @Sendable (_ descriptor: Int32) -> Int32
  var close: @Sendable (_ descriptor: Int32) -> Void
  /// One ioctl; 0 or the error number.
  var request: @Sendable (_ descriptor: Int32, _ request: V4L2Request, _ argument: UnsafeMutableRawPointer) -> Int32
  var map:
    @Sendable (_ descriptor: Int32, _ length: Int, _ offset: UInt32) -> Result<UnsafeMutableRawPointer, SystemError>
  var unmap: @Sendable (_ start: UnsafeMutableRawPointer, _ length: Int) -> Void
  /// Waits for a picture, for a second descriptor, or for the end of the time. All false when that is over.
  var wait: @Sendable (_ descriptor: Int32, _ other: Int32, _ milliseconds: Int32) -> Result<Woken, SystemError>
  var now: @Sendable () -> MonotonicTime
  /// The name of the program that has a node open; nil where that cannot be told.
  var holder: @Sendable (_ path: String) -> String?
}
