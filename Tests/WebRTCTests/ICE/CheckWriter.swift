import Linux
import TestSupport

@testable import WebRTC

/// A check as a peer would send it, in every way that a test wants it wrong.
struct Check {
  var to = Example.credentials.ufrag
  var from = "peer"
  var key = Example.credentials.key
  var nominating = false
  var controlled = false
  var hasUsername = true
  var hasIntegrity = true
  var hasFingerprint = true
  var method = STUNMessage.binding
  var messageClass = STUNClass.request

  var bytes: [UInt8] {
    withPacket(Array(repeating: 0, count: 256)) { slot in
      var writer = STUNWriter(
        slot, messageClass, method: method, transactionID: STUNTransactionID(high: 1, low: 2))
      if hasUsername { writer.username(to: to, from: from) }
      if controlled { writer.iceControlled(tieBreaker: 1) } else { writer.iceControlling(tieBreaker: 1) }
      if nominating { writer.useCandidate() }
      let length = writer.finish(key: hasIntegrity ? key : nil, fingerprint: hasFingerprint)
      return Array(slot.array.prefix(length))
    }
  }
}

/// Times and addresses of the tests.
enum Place {
  static let box = SocketAddress(ipv4: 0x7f00_0001, port: 50000)
  static func route(_ port: UInt16) -> DatagramQueue.Route {
    DatagramQueue.Route(remote: SocketAddress(ipv4: 0xc0a8_0402, port: port), local: box)
  }
  static func at(_ seconds: Double) -> MonotonicTime {
    MonotonicTime(microseconds: 1_000_000_000 + Int64(seconds * 1_000_000))
  }
}
