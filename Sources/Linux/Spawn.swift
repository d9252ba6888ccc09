import CLinux
import Glibc

/// How to start a child: its own session, default signals, no new privileges, nothing open but what is given, killed
/// when the thread that started it dies.
public struct Spawn: Sendable {
  /// The user and group to become; needs root.
  public struct User: Sendable, Equatable {
    public var uid: UInt32
    public var gid: UInt32
    public init(uid: UInt32, gid: UInt32) {
      self.uid = uid
      self.gid = gid
    }
  }

  public var path: String
  /// With the name in front.
  public var arguments: [String]
  /// `NAME=value`.
  public var environment: [String]
  /// Become 3, 4, … in the child.
  public var descriptors: [Int32] = []
  /// Takes standard output and error; nil leaves the parent's.
  public var output: Int32?
  public var user: User?
  /// What it may allocate, in bytes; beyond that an allocation fails. Nil for no limit of ours.
  public var memoryBytes: Int?

  public init(path: String, arguments: [String], environment: [String] = Self.keptEnvironment()) {
    self.path = path
    self.arguments = arguments
    self.environment = environment
  }

  /// Starts it; the error names the step that failed, exec included.
  public func start() throws(SystemError) -> pid_t {
    var how = fb_spawn()
    var step: UnsafePointer<CChar>?
    let argv = CStrings(arguments)
    let envp = CStrings(environment)
    let result = path.withCString { path in
      descriptors.withUnsafeBufferPointer { numbers in
        how.path = path
        how.argv = UnsafePointer(argv.pointers.baseAddress)
        how.envp = UnsafePointer(envp.pointers.baseAddress)
        how.descriptors = numbers.baseAddress
        how.descriptor_count = Int32(clamping: numbers.count)
        how.output = output ?? -1
        how.change_user = user == nil ? 0 : 1
        how.uid = user?.uid ?? 0
        how.gid = user?.gid ?? 0
        how.memory_bytes = UInt64(clamping: memoryBytes ?? 0)
        return fb_spawn(&how, &step)
      }
    }
    guard result > 0 else {
      throw SystemError(step.map { String(cString: $0) } ?? "spawn", code: -result, about: path)
    }
    return result
  }

  /// What a child may see of our environment.
  public static func keptEnvironment() -> [String] {
    let kept = [
      "PATH", "LANG", "LC_ALL", "TZ", "LD_LIBRARY_PATH", "ASAN_OPTIONS", "TSAN_OPTIONS", "LLVM_PROFILE_FILE",
      "SWIFT_BACKTRACE",
    ]
    return kept.compactMap { name in getenv(name).map { "\(name)=\(String(cString: $0))" } }
  }
}

/// A C array of C strings, ended by a null pointer.
private final class CStrings {
  let pointers: UnsafeMutableBufferPointer<UnsafeMutablePointer<CChar>?>

  init(_ strings: [String]) {
    pointers = .allocate(capacity: strings.count + 1)
    pointers.initialize(repeating: nil)
    for (index, string) in strings.enumerated() { pointers[index] = strdup(string) }
  }

  deinit {
    for pointer in pointers { free(pointer) }
    pointers.deallocate()
  }
}
