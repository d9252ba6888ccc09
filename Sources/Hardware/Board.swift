import Links

/// The hardware of a box.
public protocol Board: AnyObject, Sendable {
  /// The name of the model, as in `Board/<model>`.
  var model: String { get }
  var camera: any Camera { get }
  var microphone: any Microphone { get }
  var speaker: any Speaker { get }
  var buttons: [any Button] { get }
  var lamps: [any Lamp] { get }
}
