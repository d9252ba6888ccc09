import Glibc

/// A system call that failed: which, why, and about what.
public struct SystemError: Error, Equatable, Sendable, CustomStringConvertible {
  public var call: String
  /// The `errno` value.
  public var code: Int32
  /// A path, an address, or nothing.
  public var about: String

  public init(_ call: String, code: Int32, about: String = "") {
    self.call = call
    self.code = code
    self.about = about
  }

  /// The last error of this thread.
  static func last(_ call: String, about: String = "") -> SystemError { SystemError(call, code: errno, about: about) }

  public var description: String {
    let reason = strerror(code).map { String(cString: $0) } ?? "error \(code)"
    return about.isEmpty ? "\(call): \(reason)" : "\(call) \(about): \(reason)"
  }
}
