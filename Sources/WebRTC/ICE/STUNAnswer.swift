import Linux

/// The answers to checks, the same for both kinds of agent (RFC 8445 section 7.3).
enum STUNAnswer {
  /// What an authenticated request must be refused for, if for anything.
  static func failure(of message: STUNMessage, conflictIf conflict: Bool) -> STUNErrorCode? {
    if message.unknownRequired != nil { return .unknownAttribute }
    // Each of our agents has one role by nature and cannot yield it, so whatever the tie-breakers say the other side is
    // told to switch (RFC 8445 section 7.3.1.1).
    return conflict ? .roleConflict : nil
  }

  /// Writes success or failure to where the request came from; false if the queue was full.
  static func write(
    to message: STUNMessage, failure: STUNErrorCode?, key: [UInt8], route: DatagramQueue.Route, out: DatagramQueue
  ) -> Bool {
    out.append(to: route) { slot in
      var writer = STUNWriter(slot, failure == nil ? .success : .error, transactionID: message.transactionID)
      if let failure {
        writer.error(failure)
        if failure == .unknownAttribute, let type = message.unknownRequired { writer.unknownAttribute(type) }
      } else {
        writer.mappedAddress(route.remote)
      }
      return writer.finish(key: key)
    }
  }
}
