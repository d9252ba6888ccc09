import Links
import Linux

/// A contact closed or opened. Contacts bounce: the supervisor takes the bouncing out.
public struct ButtonEdge: Sendable, Equatable {
  public var button: ButtonName
  public var down: Bool
  public var time: MonotonicTime
  public init(button: ButtonName, down: Bool, time: MonotonicTime) {
    self.button = button
    self.down = down
    self.time = time
  }
}

/// A push button. Its edges wait in a descriptor, so that an event loop can watch it.
public protocol Button: AnyObject, Sendable {
  var name: ButtonName { get }
  /// Readable while an edge waits. Owned by the button; watch it, and read by ``nextEdge()`` only.
  var descriptor: Int32 { get }
  /// The oldest edge that waits, nil if none does. Never blocks.
  func nextEdge() throws(DeviceError) -> ButtonEdge?
}
