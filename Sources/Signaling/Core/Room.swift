import Links
import Linux

/// A picture in one of the sections of a seat's connection.
struct RoomTile: Hashable, Sendable, Codable {
  var seat: SeatID
  var screen: Bool
}

/// Somebody's place in a room: the box's own devices, or a device of a user.
struct Seat: Sendable, Codable {
  let id: SeatID
  let user: UserID
  var participant: Participant
  var link: PeerLink
  /// What it sends just now, by its own word.
  var audio: Bool
  var video: Bool
  var screen = false
  /// The sections that were offered to it last.
  var shape = MediaShape()
  /// An offer with more sections was asked for, or waits for its answer, while the connection goes on.
  var isReshaping = false
  /// When it was asked last to look for a way to the box again.
  var restarted: MonotonicTime?
  /// It will show a screen, or has.
  var wantsScreen = false
  /// By the place in the feed: the mids of the last offer, and what is shown in each.
  var mids: [String] = []
  var screenMid: String?
  var tiles: [RoomTile?] = []
  /// How large it shows what it has named; 0 for not at all.
  var heights: [RoomTile: Int] = [:]
  /// When its device went; it has its seat for a while.
  var awaySince: MonotonicTime?
  var lastView: RoomView?

  var device: DeviceID? { if case .device(let id) = participant { id } else { nil } }

  /// Whether anything of it goes to the others.
  var sends: Bool { audio || video || screen }
}

/// Many in one call. It is there as long as somebody is in it, and a while longer.
struct Room: Sendable, Codable {
  /// A room in which nobody is goes after this.
  static let emptyTime = Interval.seconds(15 * 60)
  /// A seat whose device went is kept for so long.
  static let seatTime = Interval.seconds(30)
  /// Whoever asks again within this time needs a new connection.
  static let restartTime = Interval.seconds(10)
  static let linesKept = 200
  /// Of all lines together: they are kept across a restart with each change.
  static let textKept = 16_384
  static let codeLength = 6
  /// Digits and small letters that nobody takes for another.
  static let codeAlphabet = Array("23456789abcdefghjkmnpqrstuvwxyz".utf8)

  struct Line: Sendable, Codable {
    var line: ChatLine
    /// Of whoever said it.
    var key: String?
  }

  let id: RoomID
  let code: String
  let name: String
  let limit: Int
  let host: UserID
  /// Who may find it without its code: whoever made it, was in it, or was invited.
  var known: Set<UserID>
  var seats: [Seat] = []
  var since: WallTime
  var emptySince: MonotonicTime?
  var lines: [Line] = []
  var lastLine = 0
  /// Whoever began last first.
  var speaking: [SeatID] = []
  /// Views may have changed since they were last told.
  var changed = true

  /// The next time that something ends by itself.
  var nextTimeout: MonotonicTime? {
    let seats = seats.compactMap(\.awaySince).map { $0 + Self.seatTime }
    return (seats + [emptySince.map { $0 + Self.emptyTime }].compactMap { $0 }).min()
  }

  /// All pictures that there are for a seat.
  func pictures(for seat: SeatID) -> [RoomTile] {
    seats.filter { $0.id != seat }.flatMap { other in
      [RoomTile(seat: other.id, screen: false)] + (other.screen ? [RoomTile(seat: other.id, screen: true)] : [])
    }
  }

  /// The sections that a seat needs at present.
  func shape(for seat: Seat) -> MediaShape {
    var shape = MediaShape(
      audio: min(3, max(1, limit - 1)), video: max(1, seat.tiles.count), screen: seat.wantsScreen, simulcast: limit > 2)
    // None ever goes away.
    shape.video = max(shape.video, seat.shape.video)
    return shape
  }

  /// Gives each picture a place, those that have one the same as before.
  mutating func place() {
    for s in seats.indices {
      let wanted = pictures(for: seats[s].id)
      var tiles = seats[s].tiles.map { tile in tile.flatMap { wanted.contains($0) ? $0 : nil } }
      for picture in wanted where !tiles.contains(picture) {
        if let free = tiles.firstIndex(of: nil) { tiles[free] = picture } else { tiles.append(picture) }
      }
      seats[s].tiles = tiles
    }
  }

  /// Who gets what.
  var feeds: [MediaEndpoint: MediaFeed] {
    var feeds: [MediaEndpoint: MediaFeed] = [:]
    for seat in seats {
      guard let endpoint = seat.link.endpoint else { continue }
      let audio = seats.filter { $0.id != seat.id && $0.sends }.compactMap(\.link.endpoint)
      guard seat.link != .local else {
        // The box has no screen.
        feeds[endpoint] = MediaFeed(audio: audio)
        continue
      }
      let video = seat.tiles.map { tile -> MediaView? in
        guard let tile, seat.heights[tile] != 0, let other = seats.first(where: { $0.id == tile.seat && $0.sends }),
          let from = other.link.endpoint
        else { return nil }
        return MediaView(from: from, screen: tile.screen, height: seat.heights[tile])
      }
      feeds[endpoint] = MediaFeed(audio: audio, video: video)
    }
    return feeds
  }

  /// How large anybody shows the camera of a seat, in pixels of height: 0 if nobody does, nil for as large as it comes.
  func shownHeight(of seat: SeatID) -> Int? {
    // The box has no screen.
    let heights = seats.filter { $0.id != seat && $0.device != nil }
      .map { $0.heights[RoomTile(seat: seat, screen: false)] }
    return heights.contains(nil) ? nil : heights.compactMap { $0 }.max() ?? 0
  }

  /// Whether a code can be one: typed by hand, so in any case and with spaces.
  static func code(_ text: String) -> String? {
    guard text.utf8.count <= 32 else { return nil }
    let letters = text.utf8.filter { $0 != UInt8(ascii: " ") && $0 != UInt8(ascii: "-") }
      .map { (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains($0) ? $0 | 0x20 : $0 }
    guard letters.count == codeLength, letters.allSatisfy(codeAlphabet.contains) else { return nil }
    return String(decoding: letters, as: UTF8.self)
  }
}

/// Somebody is asked into a room, and rung.
struct RoomInvitation: Sendable, Codable {
  /// As that of a call: the box's agent knows of nothing else.
  let id: CallID
  let room: RoomID
  let from: UserID
  let user: UserID
  var until: MonotonicTime
}
