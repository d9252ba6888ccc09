import Hardware
import Testing

/// What every lamp does, whatever board it is on.
enum LampContract {
  typealias Check = ContractCheck<any BoardUnderTest>

  static let checks: [Check] = [
    Check("the three lamps are there and dark", allThereAndDark),
    Check("every colour goes on and off", everyColour),
    Check("a lamp shows one colour at a time, and setting it twice changes nothing", oneColourAtATime),
    Check("lamps do not share their light", lampsAreApart),
    Check("a colour that a lamp does not have is refused, and the light stays", unsupportedColours),
  ]

  private static func allThereAndDark(_ board: any BoardUnderTest) throws {
    #expect(board.lamps.map(\.name) == LampName.allCases)
    for lamp in board.lamps {
      try lamp.set(nil)
      #expect(try board.shining(lamp.name) == [])
    }
  }

  private static func everyColour(_ board: any BoardUnderTest) throws {
    for lamp in board.lamps {
      for color in lamp.name.colors {
        try lamp.set(color)
        #expect(try board.shining(lamp.name) == [color])
        try lamp.set(nil)
        #expect(try board.shining(lamp.name) == [])
      }
    }
  }

  private static func oneColourAtATime(_ board: any BoardUnderTest) throws {
    let lamp = try board.lamp(.status)
    for color in [LampColor.blue, .red, .red, .blue, .blue] {
      try lamp.set(color)
      #expect(try board.shining(.status) == [color])
    }
  }

  private static func lampsAreApart(_ board: any BoardUnderTest) throws {
    try board.lamp(.status).set(.red)
    try board.lamp(.call).set(.amber)
    try board.lamp(.talk).set(.green)
    try board.lamp(.call).set(nil)
    #expect(try board.shining(.status) == [.red])
    #expect(try board.shining(.call) == [])
    #expect(try board.shining(.talk) == [.green])
  }

  private static func unsupportedColours(_ board: any BoardUnderTest) throws {
    for lamp in board.lamps {
      let own = lamp.name.colors[0]
      try lamp.set(own)
      for color in LampColor.allCases where !lamp.name.colors.contains(color) {
        #expect(throws: DeviceError.unsupported("the \(lamp.name.rawValue) lamp cannot be \(color.rawValue)")) {
          try lamp.set(color)
        }
      }
      #expect(try board.shining(lamp.name) == [own])
    }
  }
}
