import Configuration
import Hardware
import Links

/// `fieldbox board check`: tries each device of the configured board and says in plain words what is found, missing or in use.
public enum BoardCheck {
  /// One device and what became of it.
  public struct Finding: Sendable, Equatable {
    public var device: String
    public var isFound: Bool
    public var words: String
  }

  /// Opens each device and lets go of it again; what is in use is left alone and told. Throws only where the board itself
  /// cannot be made.
  public static func run(_ configuration: Configuration) throws(DeviceError) -> [Finding] {
    let board = try BoardFactory.open(configuration)
    var findings: [Finding] = []
    for name in ButtonName.allCases {
      findings.append(
        wired("\(name.rawValue) button", board.buttons.first { $0.name == name }) { button throws(DeviceError) in
          defer { button.close() }
          try button.open()
          return try button.nextEdge()?.down == true ? "found, and pressed" : "found"
        })
    }
    for name in LampName.allCases {
      findings.append(
        wired("\(name.rawValue) lamp", board.lamps.first { $0.name == name }) { lamp throws(DeviceError) in
          try lamp.set(nil)
          return "found"
        })
    }
    let wanted = configuration.board.mode
    findings.append(
      finding("camera") { () throws(DeviceError) in
        defer { board.camera.close() }
        let stream = try board.camera.open(wanted)
        let words = CameraCapture.words(stream.mode, asked: wanted)
        return "found, \(words)" + (stream.detail.isEmpty ? "" : ", \(stream.detail)")
      })
    findings.append(
      finding("microphone") { () throws(DeviceError) in
        defer { board.microphone.close() }
        try board.microphone.open()
        return "found"
      })
    findings.append(
      finding("speaker") { () throws(DeviceError) in
        defer { board.speaker.close() }
        try board.speaker.open()
        return "found"
      })
    return findings
  }

  /// For people, a line for each device.
  public static func text(_ findings: [Finding]) -> String {
    let width = (findings.map(\.device.count).max() ?? 0) + 2
    return findings.reduce(into: "") { text, finding in
      text += finding.device + String(repeating: " ", count: width - finding.device.count) + finding.words + "\n"
    }
  }

  private static func wired<Device>(
    _ name: String, _ device: Device?, _ body: (Device) throws(DeviceError) -> String
  ) -> Finding {
    finding(name) { () throws(DeviceError) in
      guard let device else { throw .missing("not wired: board.conf names no line for it") }
      return try body(device)
    }
  }

  private static func finding(_ name: String, _ body: () throws(DeviceError) -> String) -> Finding {
    do {
      return Finding(device: name, isFound: true, words: try body())
    } catch {
      return Finding(device: name, isFound: false, words: error.description)
    }
  }
}
