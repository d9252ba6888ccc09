import Linux

/// How a button is soldered.
public struct GPIOButtonWiring: Sendable, Hashable {
  public var line: GPIOLineName
  /// Whether a closed contact pulls the line low, as one to ground does.
  public var activeLow: Bool
  public var bias: GPIOBias
  /// How long a contact must be still before the kernel tells an edge, which comes so much later; needs libgpiod 2, and does
  /// nothing with version 1. Zero lets the bounce through: the supervisor takes it out by the edges' own times, and counts
  /// the first one at once.
  public var kernelDebounce: Interval

  public init(
    line: GPIOLineName, activeLow: Bool = true, bias: GPIOBias = .pullUp, kernelDebounce: Interval = .zero
  ) {
    self.line = line
    self.activeLow = activeLow
    self.bias = bias
    self.kernelDebounce = kernelDebounce
  }
}
