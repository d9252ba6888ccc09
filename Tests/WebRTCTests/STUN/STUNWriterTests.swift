import Linux
import TestSupport
import Testing

@testable import WebRTC

@Suite struct STUNWriterTests {
  private let transaction = STUNTransactionID(high: 0xa2b0_6b7f, low: 0x1e7e_c7f8_2b59_fc29)

  private func written(_ size: Int = 512, _ write: (PacketView) -> Int) -> [UInt8] {
    withPacket(Array(repeating: 0xee, count: size)) { view in
      let length = write(view)
      return Array(view.array.prefix(length))
    }
  }

  /// Firefox's check, byte for byte.
  @Test func writesWhatFirefoxWrites() {
    let message = written { slot in
      var writer = STUNWriter(slot, .request, transactionID: transaction)
      writer.username(to: "boxboxbo", from: "e54b0b84")
      writer.useCandidate()
      writer.priority(0x6e7e_00ff)
      writer.iceControlling(tieBreaker: 0x520e_4e3a_5ca7_37c5)
      return writer.finish(key: Example.credentials.key)
    }
    #expect(message == STUNVectors.firefoxCheck)
  }

  @Test(arguments: [
    SocketAddress(ipv4: 0xc0a8_0401, port: 5000),
    SocketAddress(high: 0xfd00 << 48, low: 0x1234, port: 65535),
  ])
  func successIsReadBack(_ address: SocketAddress) throws {
    let message = written { slot in
      var writer = STUNWriter(slot, .success, transactionID: transaction)
      writer.mappedAddress(address)
      return writer.finish(key: STUNVectors.password)
    }
    try withPacket(message) { view in
      let read = try STUNMessage(view)
      #expect(read.messageClass == .success)
      #expect(read.transactionID == transaction)
      #expect(read.mappedAddress == address)
      #expect(read.verifyIntegrity(key: STUNVectors.password))
      #expect(read.verifyFingerprint())
    }
  }

  @Test(arguments: [STUNErrorCode.badRequest, .unauthenticated, .unknownAttribute, .roleConflict])
  func errorIsReadBack(_ code: STUNErrorCode) throws {
    let message = written { slot in
      var writer = STUNWriter(slot, .error, transactionID: transaction)
      writer.error(code)
      writer.unknownAttribute(0x7777)
      return writer.finish(key: STUNVectors.password)
    }
    try withPacket(message) { view in
      let read = try STUNMessage(view)
      #expect(read.messageClass == .error)
      #expect(read.errorCode == code.rawValue)
      #expect(read.verifyIntegrity(key: STUNVectors.password))
    }
  }

  /// The bits of the method lie around those of the class (RFC 8489 figure 3).
  @Test(arguments: [UInt16(1), 0x00f, 0x070, 0xf80, 0xfff, 0x5a5])
  func classAndMethodAreReadBack(_ method: UInt16) throws {
    for messageClass in [STUNClass.request, .indication, .success, .error] {
      let message = written { slot in
        var writer = STUNWriter(slot, messageClass, method: method, transactionID: transaction)
        return writer.finish(key: nil)
      }
      try withPacket(message) { view in
        let read = try STUNMessage(view)
        #expect(read.messageClass == messageClass)
        #expect(read.method == method)
        #expect(!read.verifyIntegrity(key: []))
      }
    }
  }

  @Test func whatDoesNotFitIsNotSent() {
    let full = STUNVectors.firefoxCheck.count
    for size in 0..<full {
      let message = written(size) { slot in
        var writer = STUNWriter(slot, .request, transactionID: transaction)
        writer.username(to: "boxboxbo", from: "e54b0b84")
        writer.useCandidate()
        writer.priority(1)
        writer.iceControlling(tieBreaker: 2)
        return writer.finish(key: Example.credentials.key)
      }
      #expect(message.isEmpty, "\(size) bytes")
    }
  }

  /// The check value of the CRC catalogue for CRC-32/ISO-HDLC.
  @Test func checksum() {
    Array("123456789".utf8).withUnsafeBytes { #expect(CRC32.checksum($0) == 0xcbf4_3926) }
  }
}
