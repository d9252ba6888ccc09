import COpenSSL
import Glibc
import Linux

/// What went wrong in a test's connection.
struct ConnectionError: Error, CustomStringConvertible {
  var description: String
  init(_ description: String) { self.description = description }
}

/// A blocking TCP connection to the server under test, with TLS or without. Waits are bounded, so that a broken server
/// fails a test instead of holding it up.
final class TLSConnection {
  private let socket: Int32
  private var context: OpaquePointer?
  private var ssl: OpaquePointer?
  /// What ALPN chose.
  private(set) var applicationProtocol = ""

  /// `trusting` is the authority's PEM file: the certificate must be good for `name`. Nil for plain TCP.
  init(
    port: UInt16, trusting: String?, name: String = "localhost", alpn: [String] = ["http/1.1"],
    receiveBytes: Int32? = nil
  )
    throws
  {
    socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    guard socket >= 0 else { throw ConnectionError("socket") }
    var limit = timeval(tv_sec: 20, tv_usec: 0)
    setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
    setsockopt(socket, SOL_SOCKET, SO_SNDTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
    if var receiveBytes {
      setsockopt(socket, SOL_SOCKET, SO_RCVBUF, &receiveBytes, socklen_t(MemoryLayout<Int32>.size))
    }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
    let socket = socket
    let connected = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        connect(socket, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
    guard connected == 0 else { throw ConnectionError("connect to \(port): \(errno)") }
    if let trusting { try startTLS(trusting, name, alpn) }
  }

  deinit {
    SSL_free(ssl)
    SSL_CTX_free(context)
    Glibc.close(socket)
  }

  private func startTLS(_ trusting: String, _ name: String, _ alpn: [String]) throws {
    context = SSL_CTX_new(TLS_client_method())
    guard SSL_CTX_load_verify_locations(context, trusting, nil) == 1 else { throw ConnectionError("authority") }
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nil)
    ssl = SSL_new(context)
    SSL_set1_host(ssl, name)
    let list = alpn.flatMap { [UInt8($0.utf8.count)] + Array($0.utf8) }
    SSL_set_alpn_protos(ssl, list, UInt32(list.count))
    SSL_set_fd(ssl, socket)
    guard SSL_connect(ssl) == 1 else {
      throw ConnectionError(
        "TLS: \(X509_verify_cert_error_string(SSL_get_verify_result(ssl)).map { String(cString: $0) } ?? "")")
    }
    var chosen: UnsafePointer<UInt8>?
    var length: UInt32 = 0
    SSL_get0_alpn_selected(ssl, &chosen, &length)
    applicationProtocol = String(decoding: UnsafeBufferPointer(start: chosen, count: Int(length)), as: UTF8.self)
  }

  func write(_ bytes: [UInt8]) throws {
    var done = 0
    while done < bytes.count {
      let count = bytes[done...].withUnsafeBytes { part in
        ssl == nil
          ? send(socket, part.baseAddress, part.count, Int32(MSG_NOSIGNAL))
          : Int(SSL_write(ssl, part.baseAddress, Int32(part.count)))
      }
      guard count > 0 else { throw ConnectionError("write") }
      done += count
    }
  }

  /// The next bytes; empty at the end of the connection.
  func read() throws -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: 16 * 1024)
    let count = ssl == nil ? recv(socket, &bytes, bytes.count, 0) : Int(SSL_read(ssl, &bytes, Int32(bytes.count)))
    if count > 0 { return Array(bytes[..<count]) }
    if ssl == nil {
      guard count == 0 || errno == ECONNRESET else { throw ConnectionError("read: \(errno)") }
      return []
    }
    let code = SSL_get_error(ssl, Int32(count))
    let system = errno
    ERR_clear_error()
    if code == SSL_ERROR_ZERO_RETURN || code == SSL_ERROR_SSL || system != EAGAIN { return [] }
    throw ConnectionError("nothing arrived in time")
  }

  /// The end as a phone that walks away makes it: not a word.
  func shutDown() { shutdown(socket, Int32(SHUT_RDWR)) }
}
