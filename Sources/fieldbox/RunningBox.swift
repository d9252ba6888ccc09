import Configuration
import Glibc
import Linux
import Supervisor

/// Finds the box that `status`, `press` and the others are meant for.
enum RunningBox {
  /// Connects to the box under the given root. Without a root, and with none under `/`, it is the one that
  /// `Board/simulated/run` has started in the checkout around the present directory or around this binary.
  static func client(_ common: CommonOptions) throws(LocalClient.Failure) -> LocalClient {
    let path = common.paths.socket
    guard common.root == "/", !Files.exists(path), let other = checkoutSocket() else {
      return try LocalClient(path: path)
    }
    return try LocalClient(path: other)
  }

  private static func checkoutSocket() -> String? {
    for start in [link("/proc/self/cwd"), link("/proc/self/exe")] {
      var folder = start[...]
      while !folder.isEmpty {
        let path = Paths(root: "\(folder)/.box").socket
        if Files.exists(path) { return path }
        folder = folder[..<(folder.lastIndex(of: "/") ?? folder.startIndex)]
      }
    }
    return nil
  }

  private static func link(_ path: String) -> String {
    var target = [CChar](repeating: 0, count: 4_096)
    let count = readlink(path, &target, target.count)
    return String(decoding: target.prefix(max(0, count)).map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }
}
