import CV4L2
import Linux

/// Finds the node of a camera: the one that is configured, and later the same again, whatever number it has by then.
struct V4L2Finder: Sendable {
  struct Camera: Equatable, Sendable {
    var path: String
    var identity: V4L2Identity
    /// Whether it may be taken without being named.
    var isPlain: Bool
  }

  /// Nodes of these look like cameras and never deliver by themselves: parts of a pipeline that somebody would have to build.
  private static let pipelines: Set = ["bcm2835-isp", "bcm2835-codec", "unicam", "rp1-cfe", "pispbe", "rpivid"]

  /// Where the nodes are; another folder in tests.
  var directory = "/dev"
  var calls: V4L2Calls

  /// - Parameters:
  ///   - wanted: `auto`, a path, the name of a link in `v4l/by-id` or `v4l/by-path`, or a camera's own name.
  ///   - known: the camera that was found last; any other comes after it.
  func find(_ wanted: String, known: V4L2Identity?) throws(DeviceError) -> Camera {
    var named: Camera?
    if let path = path(wanted) {
      named = try camera(path)
      if named == nil, known == nil { throw .unsupported("\(wanted) is no camera") }
      if let named, known == nil || known?.likeness(to: named.identity) != nil { return named }
    }
    let all = try cameras()
    if let known, let again = Self.best(all, known) { return again }
    if let named { return named }
    if wanted == "auto" {
      guard let first = all.first(where: \.isPlain) else { throw .gone }
      return first
    }
    if let card = all.first(where: { $0.identity.card == wanted }) { return card }
    guard known == nil else { throw .gone }
    let there = all.map { "\($0.identity.card) at \($0.path)" }.joined(separator: ", ")
    throw .missing("\(wanted) is not there" + (there.isEmpty ? ", nor any other" : "; there is \(there)"))
  }

  private static func best(_ all: [Camera], _ known: V4L2Identity) -> Camera? {
    var best: (camera: Camera, likeness: Int)?
    for camera in all {
      if let likeness = known.likeness(to: camera.identity), likeness > best?.likeness ?? 0 {
        best = (camera, likeness)
      }
    }
    return best?.camera
  }

  /// All cameras: those at USB first, then by number.
  func cameras() throws(DeviceError) -> [Camera] {
    let numbers = Files.names(in: directory).compactMap { name in
      name.hasPrefix("video") ? Int(name.dropFirst(5)) : nil
    }
    var cameras: [Camera] = []
    var denied: DeviceError?
    for number in numbers.sorted() {
      do throws(DeviceError) {
        if let camera = try camera("\(directory)/video\(number)") { cameras.append(camera) }
      } catch {
        denied = error
      }
    }
    // Nobody need know of a node that cannot be opened while there is another.
    if cameras.isEmpty, let denied { throw denied }
    return cameras.filter { V4L2Bus($0.identity.bus) == .usb } + cameras.filter { V4L2Bus($0.identity.bus) != .usb }
  }

  /// The path that a name stands for; nil if there is none now.
  private func path(_ wanted: String) -> String? {
    guard wanted != "auto", !wanted.isEmpty else { return nil }
    if wanted.hasPrefix("/") { return Files.exists(wanted) ? wanted : nil }
    return ["by-id", "by-path"].map { "\(directory)/v4l/\($0)/\(wanted)" }.first { Files.exists($0) }
  }

  /// The camera behind a node; nil if none is.
  /// - Throws: `denied` alone: other nodes may do where this one fails.
  private func camera(_ path: String) throws(DeviceError) -> Camera? {
    do throws(DeviceError) {
      let capabilities = try V4L2Device(opening: path, calls).capabilities()
      guard capabilities.isCamera else { return nil }
      return Camera(
        path: path,
        identity: V4L2Identity(card: capabilities.cardName, bus: capabilities.busName, id: id(of: path)),
        isPlain: !Self.pipelines.contains(capabilities.driverName))
    } catch {
      if case .denied = error { throw error }
      return nil
    }
  }

  /// The name in by-id whose link points at a node, or is this path itself.
  private func id(of path: String) -> String? {
    let links = "\(directory)/v4l/by-id"
    let node = Self.name(DeviceHolder.link(path) ?? path)
    return Files.names(in: links).sorted().first { DeviceHolder.link("\(links)/\($0)").map(Self.name) == node }
  }

  private static func name(_ path: String) -> String { String(path.split(separator: "/").last ?? "") }
}
