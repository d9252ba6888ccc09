import Configuration
import Linux

/// How `fieldbox supervise` was called.
public struct SuperviseOptions: Sendable {
  public var common: CommonOptions
  public var version: String
  /// The binary to start as the children.
  public var executable = "/proc/self/exe"
  /// When this process began, for the time to ready.
  public var started = MonotonicTime.now()
  /// Show the lamps and take keys on the terminal.
  public var console = false
  /// End in good order as soon as the box is ready: for trying an installation.
  public var exitWhenReady = false

  /// Who started it, starts it again when it ends, and keeps its sockets meanwhile.
  public var manager = ServiceManager()

  public init(common: CommonOptions, version: String) {
    self.common = common
    self.version = version
  }
}
