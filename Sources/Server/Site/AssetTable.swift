import Glibc
import Linux

/// A file of the web client, in memory.
struct Asset {
  var bytes: [UInt8]
  var contentType: String
  /// Strong: of the bytes alone.
  var entityTag: String
}

/// The files of the web client by their path in the address, read once at the start. What is not in the table does not
/// exist, so no path can reach another file and nothing can be listed.
struct AssetTable {
  private(set) var assets: [String: Asset] = [:]
  private static let largestFile = 8 << 20
  private static let mostFiles = 512
  private static let deepest = 8

  init() {}

  /// Reads a directory; hidden files and what is no plain file are left out.
  init(directory: String) throws(SystemError) {
    try add(directory, under: "/", depth: 0)
    // The page itself has no name in the address.
    if let index = assets.removeValue(forKey: "/index.html") { assets["/"] = index }
  }

  subscript(path: String) -> Asset? { assets[path] }

  private mutating func add(_ directory: String, under prefix: String, depth: Int) throws(SystemError) {
    guard let listing = opendir(directory) else { throw SystemError("opendir", code: errno, about: directory) }
    defer { closedir(listing) }
    while let entry = readdir(listing) {
      let name = withUnsafeBytes(of: &entry.pointee.d_name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
      guard !name.hasPrefix("."), !name.isEmpty else { continue }
      let path = "\(directory)/\(name)"
      var status = stat()
      guard lstat(path, &status) == 0 else { continue }
      switch status.st_mode & S_IFMT {
      case S_IFDIR where depth < Self.deepest: try add(path, under: "\(prefix)\(name)/", depth: depth + 1)
      case S_IFREG:
        guard assets.count < Self.mostFiles else { throw SystemError("read", code: EMFILE, about: directory) }
        guard let bytes = try StateFile.read(path, atMost: Self.largestFile) else { continue }
        let tag = Base64URL.encode(Array(Digest.sha256(bytes).prefix(16)))
        assets["\(prefix)\(name)"] = Asset(
          bytes: bytes, contentType: Self.contentType(of: name), entityTag: "\"\(tag)\"")
      default: continue
      }
    }
  }

  static func contentType(of name: String) -> String {
    let ending = name.lastIndex(of: ".").map { name[name.index(after: $0)...].lowercased() } ?? ""
    return switch ending {
    case "html": "text/html; charset=utf-8"
    case "js", "mjs": "text/javascript; charset=utf-8"
    case "css": "text/css; charset=utf-8"
    case "json", "map": "application/json"
    case "webmanifest": "application/manifest+json"
    case "svg": "image/svg+xml"
    case "png": "image/png"
    case "jpg", "jpeg": "image/jpeg"
    case "webp": "image/webp"
    case "ico": "image/x-icon"
    case "woff2": "font/woff2"
    case "mp3": "audio/mpeg"
    case "ogg", "opus": "audio/ogg"
    case "wav": "audio/wav"
    case "txt": "text/plain; charset=utf-8"
    default: "application/octet-stream"
    }
  }
}
