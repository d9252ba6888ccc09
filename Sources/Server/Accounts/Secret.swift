import COpenSSL

/// Bytes that must not reach a log: passwords and session tokens. It prints as dots in every way Swift can print, and
/// overwrites its memory when the last owner lets go.
public struct Secret: Sendable {
  private final class Storage: @unchecked Sendable {
    // Written once, in init; afterwards only read, until deinit.
    let bytes: UnsafeMutableBufferPointer<UInt8>

    init(_ source: some Collection<UInt8>) {
      bytes = .allocate(capacity: source.count)
      _ = bytes.initialize(fromContentsOf: source)
    }

    deinit {
      OPENSSL_cleanse(bytes.baseAddress, bytes.count)
      bytes.deallocate()
    }
  }

  private let storage: Storage

  public init(_ bytes: some Collection<UInt8>) { storage = Storage(bytes) }
  public init(_ text: String) { self.init(Array(text.utf8)) }

  public var count: Int { storage.bytes.count }

  /// The bytes, for the duration of `body` only.
  public func withBytes<R>(_ body: (UnsafeBufferPointer<UInt8>) throws -> R) rethrows -> R {
    try body(UnsafeBufferPointer(storage.bytes))
  }
}

extension Secret: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
  public var description: String { "•••" }
  public var debugDescription: String { "•••" }
  public var customMirror: Mirror { Mirror(self, children: []) }
}

extension Secret: Decodable {
  public init(from decoder: any Decoder) throws {
    self.init(try decoder.singleValueContainer().decode(String.self))
  }
}
