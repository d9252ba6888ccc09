/// Where everything is. One option moves all of it under another root, so tests run the real binary on a scratch tree.
public struct Paths: Sendable, Equatable {
  /// Without a slash at its end; empty for `/`.
  public let root: String
  private let webDirectory: String?
  public let boxConfiguration: String
  public let boardConfiguration: String

  /// Each path that is given stands in place of its own under the root.
  public init(
    root: String = "/", web: String? = nil, boxConfiguration: String? = nil, boardConfiguration: String? = nil
  ) {
    var root = root
    while root.last == "/" { root.removeLast() }
    self.root = root
    webDirectory = web
    self.boxConfiguration = boxConfiguration ?? "\(root)/etc/fieldbox/fieldbox.conf"
    self.boardConfiguration = boardConfiguration ?? "\(root)/etc/fieldbox/board.conf"
  }

  /// Removing this directory gives a factory-fresh box.
  public var state: String { "\(root)/var/lib/fieldbox" }
  public var database: String { "\(state)/fieldbox.db" }
  public var authorityKey: String { "\(state)/authority/ca.key" }
  public var authorityCertificate: String { "\(state)/authority/ca.crt" }
  public var leafKey: String { "\(state)/tls/leaf.key" }
  public var leafCertificate: String { "\(state)/tls/leaf.crt" }
  public var runtime: String { "\(root)/run/fieldbox" }
  /// The local socket of the supervisor.
  public var socket: String { "\(runtime)/fieldbox.sock" }
  /// The browser client.
  public var web: String { webDirectory ?? "\(root)/usr/share/fieldbox/web" }
}
