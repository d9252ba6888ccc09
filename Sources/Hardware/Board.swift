import Links

/// The hardware of a box.
public protocol Board: AnyObject, Sendable {
  var camera: any Camera { get }
  var microphone: any Microphone { get }
  var speaker: any Speaker { get }
  var buttons: [any Button] { get }
  var lamps: [any Lamp] { get }
}
