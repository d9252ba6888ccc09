import COpenSSL
import Linux

/// Where OpenSSL reads and writes: one received datagram at a time, and the caller's queue. Memory BIOs would merge datagrams.
final class DatagramPort {
  /// The datagram that has come and was not read yet.
  private var input: PacketView?
  /// Where written datagrams go; set only during a call into OpenSSL.
  private var out: DatagramQueue?
  private var route: DatagramQueue.Route?
  /// The records written so far: OpenSSL repeats each message of a flight on its own, and a flight in few datagrams survives
  /// loss better (RFC 6347 section 4.1.1 allows it).
  private let staged = PacketSlab(slots: 1, slotBytes: DTLSContext.maximumDatagram)
  private var stagedLength = 0

  /// Lets OpenSSL work with a datagram and a queue, and takes both away again.
  func during<R>(
    input: PacketView?, out: DatagramQueue?, route: DatagramQueue.Route?, _ body: () -> R
  ) -> R {
    self.input = input
    self.out = out
    self.route = route
    defer {
      flush()
      self.input = nil
      self.out = nil
      self.route = nil
    }
    return body()
  }

  /// A BIO on this port, which must outlive it.
  func makeBIO(_ method: OpaquePointer) -> OpaquePointer? {
    guard let bio = BIO_new(method) else { return nil }
    BIO_set_data(bio, Unmanaged.passUnretained(self).toOpaque())
    BIO_set_init(bio, 1)
    return bio
  }

  private func read(into buffer: UnsafeMutableRawBufferPointer) -> Int? {
    guard let datagram = input else { return nil }
    input = nil
    // A datagram longer than OpenSSL's buffer is cut, like a socket does; its record is then malformed and dropped.
    let part = datagram.prefix(min(datagram.count, buffer.count)) ?? datagram
    buffer.copyMemory(from: UnsafeRawBufferPointer(part.raw))
    return part.count
  }

  private func write(_ bytes: UnsafeRawBufferPointer) {
    if stagedLength + bytes.count > staged.slotBytes { flush() }
    guard let slot = staged[0], slot.copy(bytes, to: stagedLength) else { return }
    stagedLength += bytes.count
  }

  /// A full queue loses the datagram; the retransmission timer mends that.
  private func flush() {
    guard stagedLength > 0, let out, let route, let datagram = staged[0]?.prefix(stagedLength) else { return }
    stagedLength = 0
    out.append(to: route) { $0.copy(UnsafeRawBufferPointer(datagram.raw), to: 0) ? datagram.count : 0 }
  }

  private static func port(of bio: OpaquePointer?) -> DatagramPort? {
    guard let data = BIO_get_data(bio) else { return nil }
    return Unmanaged<DatagramPort>.fromOpaque(data).takeUnretainedValue()
  }

  static func makeBIOMethod() -> OpaquePointer? {
    guard let method = BIO_meth_new(dtls_bio_type(), "datagrams") else { return nil }
    BIO_meth_set_write(method) { bio, data, length in
      dtls_bio_clear_retry(bio)
      guard let port = DatagramPort.port(of: bio), let data, length > 0 else { return -1 }
      port.write(UnsafeRawBufferPointer(start: data, count: Int(length)))
      return length
    }
    BIO_meth_set_read(method) { bio, data, length in
      dtls_bio_clear_retry(bio)
      guard let port = DatagramPort.port(of: bio), let data, length > 0,
        let count = port.read(into: UnsafeMutableRawBufferPointer(start: data, count: Int(length))), count > 0
      else {
        dtls_bio_retry_read(bio)
        return -1
      }
      return Int32(count)
    }
    BIO_meth_set_ctrl(method) { _, command, _, _ in
      switch command {
      case BIO_CTRL_FLUSH, BIO_CTRL_DUP: 1
      // Never asked with SSL_OP_NO_QUERY_MTU, but a fragment must not grow past our limit in any case.
      case BIO_CTRL_DGRAM_QUERY_MTU, BIO_CTRL_DGRAM_GET_FALLBACK_MTU: DTLSContext.maximumDatagram
      default: 0
      }
    }
    return method
  }
}
