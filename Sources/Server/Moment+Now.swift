import Linux
import Signaling

extension Moment {
  /// Reads both clocks. For the loop, which hands it to the cores.
  static func now() -> Moment { Moment(monotonic: .now(), wall: .now()) }
}
