import Linux
import WebRTC

extension FuzzTarget {
  /// Bytes reach the parser and both agents. Nobody without the password gets an answer, and reading leaves the bytes alone.
  static let stun = FuzzTarget(
    "stun",
    seeds: {
      let transaction = STUNTransactionID(high: 1, low: 2)
      let request = datagram { slot in
        var writer = STUNWriter(slot, .request, transactionID: transaction)
        writer.username(to: "ABCDEFGH", from: "remote")
        writer.priority(1_845_501_695)
        writer.iceControlling(tieBreaker: 9)
        writer.useCandidate()
        return writer.finish(key: password)
      }
      let success = datagram { slot in
        var writer = STUNWriter(slot, .success, transactionID: transaction)
        writer.mappedAddress(SocketAddress(high: 0xfd00 << 48, low: 1, port: 5000))
        return writer.finish(key: password)
      }
      let error = datagram { slot in
        var writer = STUNWriter(slot, .error, transactionID: transaction)
        writer.error(.unknownAttribute)
        writer.unknownAttribute(0x7777)
        return writer.finish(key: nil)
      }
      return [request, success, error]
    },
    run: { view in
      let before = view.array
      let message = try? STUNMessage(view)
      let isAuthentic = message?.verifyIntegrity(key: password) ?? false
      _ = message?.verifyFingerprint()

      let local = ICECredentials(ufrag: "ABCDEFGH", password: String(decoding: password, as: UTF8.self))
      let here = SocketAddress(ipv4: 0x7f00_0001, port: 4)
      let route = DatagramQueue.Route(remote: here, local: here)
      let out = DatagramQueue(capacity: 4)
      let now = MonotonicTime(microseconds: 0)
      var lite = ICELiteAgent(local: local, now: now)
      let event = lite.receive(view, route: route, now: now, out: out)
      var controlling = ICEControllingAgent(local: local, remote: local, tieBreaker: 1, random: Same(), now: now)
      controlling.addPair(route)
      _ = controlling.receive(view, route: route, now: now, out: out)

      if view.array != before { return "reading changed the bytes" }
      if !isAuthentic, out.count > 0 { return "a stranger got an answer" }
      if case .valid = event, !isAuthentic { return "a stranger became a peer" }
      return nil
    })

  private static let password = Array("a password of 22 bytes".utf8)

  private struct Same: RandomNumberGenerator { mutating func next() -> UInt64 { 0x0000_0001_0000_0002 } }
}
