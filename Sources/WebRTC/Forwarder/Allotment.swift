import Linux

/// What of a track there is bandwidth for.
struct Allotment: Equatable {
  /// The largest layer of simulcast, by its number: 0 is the largest of all.
  var layer: Int
  /// The highest temporal layer.
  var temporal: UInt8
  /// What it takes or, of a picture that comes in one size, may take, in bits per second.
  var bitsPerSecond: Int

  static let most = Allotment(layer: 0, temporal: TemporalFilter.all, bitsPerSecond: .max)
}

/// Shares the bandwidth of one way among the pictures that are shown over it: each gets the least of what it comes in, then one
/// after the other the next better, as long as all fit.
struct Allotter {
  /// Of the bandwidth, for pictures and sound; the rest is for what has to be sent again.
  private static let share = 0.95
  private static let soundBitsPerSecond = 56_000
  /// Of each packet: what RTP, its extensions, SRTP, UDP and IP add to what an encoder writes, in bits.
  private static let packetBits = 70 * 8
  private static let packetBytes = 1_100, picturesPerSecond = 30
  /// What a picture in one size, whose sender follows what there is, gets at least and at most.
  static let single = 100_000...2_500_000

  /// What there is for pictures.
  private let all: Int
  private let sound: Int
  private var rest: Int
  /// What would make the next better step possible, of the whole way in bits per second; nil if everything fits.
  private(set) var wanted: Int?

  /// - Parameter available: on the whole way, in bits per second.
  init(available: Int, sounds: Int) {
    sound = Self.soundBitsPerSecond * sounds
    all = Int(Double(available) * Self.share) - sound
    rest = all
  }

  mutating func allot(_ views: [Subscription], _ now: MonotonicTime) {
    let steps = views.map { $0.steps(now) }
    for (view, steps) in zip(views, steps) {
      if let least = steps.first {
        view.allotted = least
        rest -= least.bitsPerSecond
      } else {
        give(view, part: all / views.count)
      }
    }
    var place = 1
    var grows = true
    while grows {
      grows = false
      for (view, steps) in zip(views, steps) where place < steps.count && view.allotted == steps[place - 1] {
        let more = steps[place].bitsPerSecond - view.allotted.bitsPerSecond
        guard more <= rest else {
          want(all - rest + more)
          continue
        }
        rest -= more
        view.allotted = steps[place]
        grows = true
      }
      place += 1
    }
  }

  private mutating func give(_ view: Subscription, part: Int) {
    let packets = max(Self.picturesPerSecond, part / 8 / Self.packetBytes)
    let net = part - packets * Self.packetBits
    view.allotted = .most
    view.allotted.bitsPerSecond = min(max(net, Self.single.lowerBound), Self.single.upperBound)
    rest -= view.allotted.bitsPerSecond + part - net
    if net < Self.single.upperBound { want(all + Self.single.upperBound - net) }
  }

  private mutating func want(_ pictures: Int) {
    let whole = Int(Double(pictures + sound) / Self.share) + 1
    wanted = min(wanted ?? whole, whole)
  }
}

extension Subscription {
  /// What the picture may be had in, from the least on to what its tile can use; none if that is not for the box to choose.
  fileprivate func steps(_ now: MonotonicTime) -> [Allotment] {
    guard let track, track.layers.count > 1 else { return [] }
    let best = track.layer(height: height, largest: 0, now: now).layer
    var steps: [Allotment] = []
    for layer in track.layers.reversed() where layer.layer >= best && layer.isAlive(now) {
      for temporal in layer.temporalLayers(now) {
        let step = Allotment(
          layer: layer.layer, temporal: temporal, bitsPerSecond: layer.bitsPerSecond(now, through: temporal))
        if step.bitsPerSecond > steps.last?.bitsPerSecond ?? -1 {
          steps.append(step)
        } else if temporal == TemporalFilter.all {
          // More, and no dearer. Less often a larger picture is no better than a smaller one each time.
          steps[steps.count - 1] = step
        }
      }
    }
    return steps
  }
}
