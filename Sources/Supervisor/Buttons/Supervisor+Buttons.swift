import Hardware
import Links
import Linux

extension Supervisor {
  private static let mostEdgesInATurn = 64

  func watchButtons() throws {
    for button in board.buttons {
      try loop.watch(button.descriptor) { [unowned self] in readEdges(button) }
      openButton(button)
    }
  }

  private func readEdges(_ button: any Button) {
    do throws(DeviceError) {
      // A line that nothing holds may give edges without end: others have their turn in between.
      for _ in 0..<Self.mostEdgesInATurn {
        guard let edge = try button.nextEdge() else { return armClassifier() }
        pressed(classifier.edge(edge.button, down: edge.down, at: edge.time))
      }
      loop.after(.zero) { [weak self] in self?.readEdges(button) }
    } catch {
      buttonFailed(button, error)
    }
    armClassifier()
  }

  /// Opens a button, again and again until it works: its chip may be gone for a while, or another program may have its line.
  private func openButton(_ button: any Button) {
    guard !isStopping else { return }
    do throws(DeviceError) {
      try button.open()
      if buttonFaults.removeValue(forKey: button.name) != nil { showState() }
    } catch {
      buttonFailed(button, error)
    }
  }

  private func buttonFailed(_ button: any Button, _ error: DeviceError) {
    if buttonFaults.updateValue(error, forKey: button.name) != error { showState() }
    buttonTimers[button.name]?.cancel()
    buttonTimers[button.name] = loop.after(.seconds(1)) { [weak self] in self?.openButton(button) }
  }

  private func armClassifier() {
    classifierTimer?.cancel()
    guard let next = classifier.nextTimeout else { return }
    classifierTimer = loop.at(next) { [unowned self] in
      pressed(classifier.poll(.now()))
      armClassifier()
    }
  }

  private func pressed(_ presses: [Press]) {
    for press in presses {
      Log.info("button: \(press)")
      deliver(press)
    }
    showState()
  }
}
