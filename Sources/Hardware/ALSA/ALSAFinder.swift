import Glibc
import Linux

/// A sound card as the kernel lists it.
struct ALSACard: Sendable, Equatable {
  var number: Int
  /// Short, unique, and the same under another number.
  var id: String
  /// Vendor and product; nil for a card that is not at USB.
  var usb: String?
  /// The first device of the card in the direction asked for.
  var device: Int

  var name: String { "CARD=\(id),DEV=\(device)" }
}

/// What to open.
struct ALSAPlace: Sendable, Equatable {
  /// As the card does it.
  var name: String
  /// With the library's conversion, for a card that cannot do it; nil for a PCM that was named as such.
  var converted: String?
  var card: ALSACard?
}

/// Finds the card that is configured, and later the same again, whatever number it has by then.
struct ALSAFinder: Sendable {
  /// Where the kernel lists the cards; another folder in tests.
  var directory = "/proc/asound"

  /// - Parameter known: the card that was found last; any other comes after it.
  func find(_ wanted: String, isCapture: Bool, known: ALSACard?) throws(DeviceError) -> ALSAPlace {
    let all = cards(isCapture: isCapture)
    if wanted == "auto" || wanted.isEmpty {
      guard let card = known.flatMap({ Self.again($0, all) }) ?? all.first else { throw .gone }
      return place(card)
    }
    guard let name = Self.cardName(wanted) else { return ALSAPlace(name: wanted) }
    if var card = all.first(where: { $0.id == name.id }) ?? known.flatMap({ Self.again($0, all) }) {
      card.device = name.device ?? card.device
      return place(card)
    }
    guard known == nil else { throw .gone }
    let there = all.map(\.id).joined(separator: ", ")
    throw .missing("sound card \(name.id) is not there" + (there.isEmpty ? ", nor any other" : "; there is \(there)"))
  }

  /// All cards that can do it: those at USB first, then by number.
  func cards(isCapture: Bool) -> [ALSACard] {
    let numbers = Files.names(in: directory).compactMap { $0.hasPrefix("card") ? Int($0.dropFirst(4)) : nil }
    let cards = numbers.sorted().compactMap { number -> ALSACard? in
      let folder = "\(directory)/card\(number)"
      let devices = Files.names(in: folder).compactMap { Self.device($0, isCapture ? "c" : "p") }
      guard let device = devices.min(), let id = SmallFile.line("\(folder)/id") else { return nil }
      return ALSACard(number: number, id: id, usb: SmallFile.line("\(folder)/usbid"), device: device)
    }
    return cards.filter { $0.usb != nil } + cards.filter { $0.usb == nil }
  }

  /// The program that has a card's device open; nil if nobody can be seen.
  func holder(of card: ALSACard, isCapture: Bool) -> String? {
    let folder = "\(directory)/card\(card.number)/pcm\(card.device)\(isCapture ? "c" : "p")"
    for part in Files.names(in: folder).sorted() where part.hasPrefix("sub") {
      guard let line = SmallFile.line("\(folder)/\(part)/status", starting: "owner_pid"),
        let process = line.split(separator: ":").last.flatMap({ Int32($0.filter(\.isNumber)) })
      else { continue }
      return SmallFile.line("/proc/\(process)/comm") ?? "process \(process)"
    }
    return nil
  }

  /// PCMs without a card in their name, on any machine.
  private static let plainNames: Set = ["null", "default", "sysdefault", "pipewire", "pulse", "dmix", "dsnoop"]

  private func place(_ card: ALSACard) -> ALSAPlace {
    ALSAPlace(name: "hw:\(card.name)", converted: "plughw:\(card.name)", card: card)
  }

  /// The same card: by id and product, else by its product, for a card that comes back before the kernel has forgotten it gets
  /// another id.
  private static func again(_ known: ALSACard, _ all: [ALSACard]) -> ALSACard? {
    all.first { $0.id == known.id && $0.usb == known.usb }
      ?? known.usb.flatMap { usb in all.first { $0.usb == usb } }
  }

  /// What a name says of a card: `Headset`, `hw:Headset`, `hw:CARD=Headset,DEV=1`; nil for other PCMs.
  static func cardName(_ wanted: String) -> (id: String, device: Int?)? {
    var rest = Substring(wanted)
    if let colon = rest.firstIndex(of: ":") {
      guard rest[..<colon] == "hw" || rest[..<colon] == "plughw" else { return nil }
      rest = rest[rest.index(after: colon)...]
    } else if plainNames.contains(wanted) {
      return nil
    }
    let parts = rest.split(separator: ",", omittingEmptySubsequences: false)
    guard let first = parts.first, !first.isEmpty, parts.count <= 3 else { return nil }
    func value(_ part: Substring, _ key: String) -> Substring { part.hasPrefix(key) ? part.dropFirst(key.count) : part }
    let id = value(first, "CARD=")
    // A number is no name: it may be another card's after a replug. ALSA may still take it as it is.
    guard !id.isEmpty, Int(id) == nil else { return nil }
    return (String(id), parts.count > 1 ? Int(value(parts[1], "DEV=")) : nil)
  }

  /// The number in `pcm0c`.
  private static func device(_ name: String, _ direction: Character) -> Int? {
    guard name.hasPrefix("pcm"), name.last == direction else { return nil }
    return Int(name.dropFirst(3).dropLast())
  }
}
