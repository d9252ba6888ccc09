import Linux

/// An open chip or a requested line of the library.
struct GPIOHandle: Sendable, Hashable {
  var address: UInt
}

struct GPIOChipInfo: Sendable, Equatable {
  var name: String
  var label: String
  var lines: UInt32
}

struct GPIOLineInfo: Sendable, Equatable {
  /// Empty for none.
  var name: String
  /// Who has it; empty for nobody, or for somebody who gives no name.
  var consumer: String
  var isUsed: Bool
  var isOutput: Bool
}

/// How a line is asked for.
struct GPIORequest: Sendable, Equatable {
  enum Use: Sendable, Equatable {
    /// Tells both its edges.
    case edges(GPIOBias, kernelDebounce: Interval)
    /// Active or not at first.
    case output(Bool)
  }
  /// What others are told who find the line taken.
  static let consumer = "fieldbox"

  var consumer = GPIORequest.consumer
  var activeLow: Bool
  var use: Use
}

/// A contact or a lamp changed from inactive to active (`rising`) or back.
struct GPIOEdge: Sendable, Equatable {
  var rising: Bool
  var nanoseconds: UInt64
}

/// The calls into libgpiod. Tests play the kernel's part with others.
struct GPIOCalls: Sendable {
  /// Paths of all chips.
  var chips: @Sendable () -> [String]
  var openChip: @Sendable (_ path: String) -> Result<GPIOHandle, SystemError>
  var closeChip: @Sendable (_ chip: GPIOHandle) -> Void
  var describeChip: @Sendable (_ chip: GPIOHandle) -> Result<GPIOChipInfo, SystemError>
  /// The offset of a line; ENOENT if there is none of that name.
  var findLine: @Sendable (_ chip: GPIOHandle, _ name: String) -> Result<UInt32, SystemError>
  var describeLine: @Sendable (_ chip: GPIOHandle, _ offset: UInt32) -> Result<GPIOLineInfo, SystemError>
  var request: @Sendable (_ chip: GPIOHandle, _ offset: UInt32, GPIORequest) -> Result<GPIOHandle, SystemError>
  var release: @Sendable (_ line: GPIOHandle) -> Void
  /// Readable while an edge waits.
  var descriptor: @Sendable (_ line: GPIOHandle) -> Int32
  /// The oldest edge that waits; EAGAIN if none does.
  var readEdge: @Sendable (_ line: GPIOHandle) -> Result<GPIOEdge, SystemError>
  var isActive: @Sendable (_ line: GPIOHandle) -> Result<Bool, SystemError>
  var setActive: @Sendable (_ line: GPIOHandle, Bool) -> Result<Void, SystemError>
}
