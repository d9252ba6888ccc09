import Links

/// Which camera of the kernel's to use, and how.
public struct V4L2CameraConfiguration: Sendable, Equatable {
  /// `auto`; a path; the name of a link in `/dev/v4l/by-id` or `by-path`; or the camera's own name.
  public var device: String
  /// The only format to take; nil for the best.
  public var format: PixelFormat?
  /// The room for one picture. Raw sizes beyond it are not chosen.
  public var largestFrameBytes: Int

  /// - Parameter largestFrameBytes: at most; by default room for any picture of 4096×4096.
  public init(device: String = "auto", format: PixelFormat? = nil, largestFrameBytes: Int = 4_096 * 4_096 * 2) {
    self.device = device
    self.format = format
    self.largestFrameBytes = largestFrameBytes
  }
}
