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
  /// Readable while an edge waits, or a failure that ``nextEdge()`` will tell; silent after that. Owned by the button, and the
  /// same for as long as it lives; watch it, and read by ``nextEdge()`` only.
  var descriptor: Int32 { get }
  /// Begins to listen, or begins again after a failure. A button that is down already tells so by an edge. Does nothing
  /// where it is open.
  func open() throws(DeviceError)
  /// The oldest edge that waits, nil if none does. Never blocks. Edges alternate, and their times never go backwards. After
  /// a failure it throws the same until ``open()``.
  func nextEdge() throws(DeviceError) -> ButtonEdge?
  /// Ends listening. Does nothing where it is not open.
  func close()
}
