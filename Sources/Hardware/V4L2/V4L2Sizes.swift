/// The sizes that a driver offers for one format.
enum V4L2Sizes: Equatable, Sendable {
  struct Size: Equatable, Sendable {
    var width: Int
    var height: Int
    init(_ width: Int, _ height: Int) {
      self.width = width
      self.height = height
    }
  }
  /// From the least to the most in equal steps.
  struct Steps: Equatable, Sendable {
    var least: Int
    var most: Int
    var step: Int

    /// The value nearest to one that is asked for; nil for steps that make no sense.
    func nearest(to value: Int) -> Int? {
      guard least > 0, most >= least, step >= 0 else { return nil }
      let inside = min(max(value, least), most)
      guard step > 1 else { return inside }
      let down = least + (inside - least) / step * step
      return down + step <= most && inside - down > step / 2 ? down + step : down
    }
  }

  case discrete([Size])
  case steps(width: Steps, height: Steps)
  /// The driver does not tell; it will take what comes nearest.
  case unknown

  /// Those worth a closer look: all of a list, and of steps the nearest.
  func candidates(for asked: Size) -> [Size] {
    switch self {
    case .discrete(let sizes): return sizes.filter { $0.width > 0 && $0.height > 0 }
    case .steps(let width, let height):
      guard let width = width.nearest(to: asked.width), let height = height.nearest(to: asked.height) else { return [] }
      return [Size(width, height)]
    case .unknown: return [asked]
    }
  }
}
