import Linux

/// What the two devices of a call tell each other about the direct way between them.
extension Switchboard {
  /// Hands a signal to the other device of a connected call. `wrongState` while it rings or connects, and with the box.
  public mutating func signal(_ request: SignalRequest, from identity: Identity, now: Moment) throws(APIError) {
    let (c, l) = try find(request.call, request.device, identity)
    guard calls[c].machine.state == .connected, calls[c].isActive(l),
      let other = calls[c].activeLegs.first(where: { $0 != l }), let device = calls[c].legs[other].device
    else { throw Self.wrongState }
    let signal = try Validation.signal(request)
    if let output = devices.pass(.signal(signal), to: device) { outputs.append(output) }
    settle(now)
  }
}
