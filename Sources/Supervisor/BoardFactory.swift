import Configuration
import Hardware

/// Opens the board that the configuration names.
enum BoardFactory {
  static func open(_ configuration: Configuration) throws(DeviceError) -> any Board {
    switch configuration.board.model {
    case .simulated: try SimulatedBoard(simulated(configuration))
    }
  }

  /// What the simulated board needs to know. Files are named by their paths as they stand.
  static func simulated(_ configuration: Configuration) -> SimulatedBoardConfiguration {
    let board = configuration.board
    var simulated = SimulatedBoardConfiguration(boxName: configuration.box.name)
    if board.cameraSource == .file, let file = board.cameraFile { simulated.camera = .file(file) }
    simulated.microphone =
      if board.microphoneSource == .file, let file = board.microphoneFile {
        .file(file)
      } else {
        .tone(hertz: board.frequency, decibels: -20)
      }
    simulated.speakerRecording = board.speakerRecording
    simulated.lampTimeline = board.lampTimeline
    simulated.strip = board.strip == .on
    simulated.buttonBounces = board.buttonBounces
    return simulated
  }
}
