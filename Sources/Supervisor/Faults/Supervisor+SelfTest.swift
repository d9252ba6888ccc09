import Links
import Linux

extension Supervisor {
  static let machinePeriod = Interval.seconds(5)
  static let selfTestPeriod = Interval.seconds(86_400)

  func lookAtMachine() {
    var machine = BoxStatus.Machine()
    machine.temperatureCelsius = MachineHealth.temperatureCelsius
    if let memory = MachineHealth.memory {
      (machine.memoryBytes, machine.memoryAvailableBytes) = (memory.total, memory.available)
    }
    if let storage = MachineHealth.storage(of: options.common.paths.state) {
      (machine.storageBytes, machine.storageAvailableBytes) = (storage.total, storage.available)
    }
    machine.load = MachineHealth.load
    let before = self.machine
    self.machine = machine
    if MachineLimits.faults(machine).keys != MachineLimits.faults(before).keys { showState() }
  }

  /// Looks at everything that can be wrong without showing: the machine, the certificate, all that is stored. The rest shows by
  /// itself, as devices do.
  func beginSelfTest() {
    guard !isStopping else { return }
    lookAtMachine()
    // One that is still good is left as it is. At the start it was looked at just now.
    if selfTest != nil { signing?.run() }
    isSelfTesting = true
    if let server, server.hears { server.send(.check) } else { finishSelfTest() }
  }

  func finishSelfTest() {
    guard isSelfTesting else { return }
    isSelfTesting = false
    showState()
    let findings = faults.present.map { "\($0.what): \($0.detail)" }
    selfTest = BoxStatus.SelfTest(
      number: (selfTest?.number ?? 0) &+ 1, atUptimeSeconds: uptimeSeconds, findings: findings)
    if findings.isEmpty {
      Log.info("self-test: all is well", ["SELF_TEST": "passed"])
    } else {
      Log.warning("self-test: \(findings.joined(separator: "; "))", ["SELF_TEST": "failed"])
    }
    noteChange()
  }
}
