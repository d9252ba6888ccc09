import Links

@testable import Hardware

/// The simulated board, pressed and looked at.
final class SimulatedBoardUnderTest: BoardUnderTest {
  private let board: SimulatedBoard
  var buttons: [any Button] { board.buttons }
  var lamps: [any Lamp] { board.lamps }

  init() throws { board = try SimulatedBoard(SimulatedBoardConfiguration()) }

  func move(_ button: ButtonName, down: Bool) throws { board.button(button, down: down) }
  func settle() {}
  func shining(_ lamp: LampName) throws -> Set<LampColor> { Set([board.timeline.lights[lamp]].compactMap { $0 }) }
}
