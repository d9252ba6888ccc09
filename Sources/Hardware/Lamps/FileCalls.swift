import Glibc
import Linux

/// The calls on the small files by which the kernel lets itself be set. Tests play the kernel's part with others.
struct FileCalls: Sendable {
  /// The names in a directory.
  var names: @Sendable (_ directory: String) -> [String]
  var open: @Sendable (_ path: String, _ flags: Int32) -> Result<Int32, SystemError>
  /// At most so many bytes from the start.
  var read: @Sendable (_ descriptor: Int32, _ count: Int) -> Result<[UInt8], SystemError>
  /// How many were written.
  var write: @Sendable (_ descriptor: Int32, _ bytes: [UInt8]) -> Result<Int, SystemError>
  var close: @Sendable (_ descriptor: Int32) -> Void

  static let system = FileCalls(
    names: { Files.names(in: $0) },
    open: { path, flags in
      let number = Glibc.open(path, flags | O_CLOEXEC)
      return number < 0 ? .failure(SystemError("open", code: errno)) : .success(number)
    },
    read: { descriptor, count in
      var bytes = [UInt8](repeating: 0, count: count)
      let length = Glibc.read(descriptor, &bytes, count)
      return length < 0 ? .failure(SystemError("read", code: errno)) : .success(Array(bytes.prefix(length)))
    },
    write: { descriptor, bytes in
      let length = Glibc.write(descriptor, bytes, bytes.count)
      return length < 0 ? .failure(SystemError("write", code: errno)) : .success(length)
    },
    close: { _ = Glibc.close($0) })

  /// What a file says, without the end of its line.
  func text(_ path: String) -> Result<String, SystemError> {
    with(path, O_RDONLY) { descriptor in
      uninterrupted { read(descriptor, 256) }.map { bytes in
        String(decoding: bytes.prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self)
      }
    }
  }

  /// Writes a word in one go, as the kernel wants it.
  func put(_ word: String, _ path: String) -> Result<Void, SystemError> {
    let bytes = Array("\(word)\n".utf8)
    return with(path, O_WRONLY | O_TRUNC) { descriptor in
      uninterrupted { write(descriptor, bytes) }.flatMap { count in
        // The rest in a second write would be another word.
        count == bytes.count ? .success(()) : .failure(SystemError("write", code: EIO))
      }
    }
  }

  private func with<Value>(
    _ path: String, _ flags: Int32, _ body: (_ descriptor: Int32) -> Result<Value, SystemError>
  ) -> Result<Value, SystemError> {
    uninterrupted { open(path, flags) }.flatMap { descriptor in
      defer { close(descriptor) }
      return body(descriptor)
    }.mapError { SystemError($0.call, code: $0.code, about: path) }
  }
}
