import Glibc
import Hardware
import Links
import Linux
import Supervisor
import Testing

/// What every button does, whatever board it is on.
enum ButtonContract {
  typealias Check = ContractCheck<any BoardUnderTest>

  static let checks: [Check] = [
    Check("at rest nothing waits", atRestNothingWaits),
    Check("both edges come with the monotonic time at which they happened", bothEdgesComeWithTheirTime),
    Check("edges that wait are told in their order", waitingEdgesKeepTheirOrder),
    Check("one button's edges are not the other's", buttonsAreApart),
    Check("a button held when it is opened is down", heldAtOpeningIsDown),
    Check("a bounce is several edges to the button and one press to the classifier", bounceIsOnePress),
    Check("a hundred openings leave no descriptor behind", openingsLeaveNothingBehind),
  ]

  private static func atRestNothingWaits(_ board: any BoardUnderTest) throws {
    for button in board.buttons {
      try button.open()
      #expect(!button.isReadable())
      #expect(try button.nextEdge() == nil)
    }
    #expect(Set(board.buttons.map(\.name)) == Set(ButtonName.allCases))
  }

  private static func bothEdgesComeWithTheirTime(_ board: any BoardUnderTest) throws {
    for button in board.buttons {
      try button.open()
      for down in [true, false] {
        let before = MonotonicTime.now()
        try board.move(button.name, down: down)
        let edge = try button.awaitEdge()
        #expect(edge.button == button.name)
        #expect(edge.down == down)
        #expect(edge.time >= before)
        #expect(edge.time <= .now())
      }
      #expect(try button.nextEdge() == nil)
    }
  }

  private static func waitingEdgesKeepTheirOrder(_ board: any BoardUnderTest) throws {
    let button = try board.button(.call)
    try button.open()
    for index in 0..<8 {
      try board.move(.call, down: index % 2 == 0)
      board.settle()
    }
    var edges: [ButtonEdge] = []
    while let edge = try button.nextEdge() { edges.append(edge) }
    #expect(edges.map(\.down) == [true, false, true, false, true, false, true, false])
    #expect(edges.map(\.time) == edges.map(\.time).sorted())
    #expect(!button.isReadable())
  }

  private static func buttonsAreApart(_ board: any BoardUnderTest) throws {
    for button in board.buttons { try button.open() }
    try board.move(.hangUp, down: true)
    #expect(try board.button(.hangUp).awaitEdge().down)
    #expect(try board.button(.call).nextEdge() == nil)
    #expect(try !board.button(.call).isReadable())
  }

  private static func heldAtOpeningIsDown(_ board: any BoardUnderTest) throws {
    let button = try board.button(.hangUp)
    let before = MonotonicTime.now()
    try board.move(.hangUp, down: true)
    board.settle()
    try button.open()
    let edge = try button.awaitEdge()
    #expect(edge.down)
    #expect(edge.time >= before)
    #expect(edge.time <= .now())
    #expect(try button.nextEdge() == nil)
    #expect(!button.isReadable())
    try board.move(.hangUp, down: false)
    #expect(try !button.awaitEdge().down)
  }

  private static func bounceIsOnePress(_ board: any BoardUnderTest) throws {
    let button = try board.button(.call)
    try button.open()
    // A machine that is busy with something else may be too slow to bounce within the time that counts as bouncing.
    for _ in 0..<20 {
      var classifier = PressClassifier()
      var edges: [ButtonEdge] = []
      for down in [true, false, true, false, true] {
        try board.move(.call, down: down)
        edges.append(try button.awaitEdge())
      }
      #expect(edges.map(\.down) == [true, false, true, false, true])
      let presses = edges.flatMap { classifier.edge(.call, down: $0.down, at: $0.time) }
      try board.move(.call, down: false)
      let last = try button.awaitEdge()
      guard let first = edges.first?.time, let end = edges.last?.time, end - first < PressClassifier.debounce else {
        continue
      }
      #expect(presses == [])
      #expect(classifier.poll(first + .milliseconds(500)) == [])
      #expect(classifier.edge(.call, down: last.down, at: first + .milliseconds(600)) == [.short(.call)])
      #expect(classifier.poll(first + .seconds(60)) == [])
      return
    }
    throw ContractFailure("this machine could not bounce within \(PressClassifier.debounce.milliseconds) ms")
  }

  private static func openingsLeaveNothingBehind(_ board: any BoardUnderTest) throws {
    // Other tests of the process come and go meanwhile, so the least of several rounds counts.
    var least = Int.max
    for _ in 0..<5 where least >= 50 {
      let before = Files.names(in: "/proc/self/fd").count
      for _ in 0..<100 {
        for button in board.buttons {
          try button.open()
          button.close()
        }
      }
      least = min(least, Files.names(in: "/proc/self/fd").count - before)
    }
    #expect(least < 50)
    let button = try board.button(.call)
    try button.open()
    try board.move(.call, down: true)
    #expect(try button.awaitEdge().down)
  }
}
