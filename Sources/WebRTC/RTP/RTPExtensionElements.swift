import Linux

/// The elements of an RTP header extension in their one-byte or two-byte form (RFC 8285 section 4), read in place.
public struct RTPExtensionElements {
  enum Form { case none, oneByte, twoByte }
  let form: Form
  private let elements: PacketView?

  static var none: RTPExtensionElements { RTPExtensionElements() }

  private init() {
    form = .none
    elements = nil
  }

  init(profile: UInt16, body: PacketView) {
    if profile == 0xbede {
      form = .oneByte
    } else if profile & 0xfff0 == 0x1000 {
      form = .twoByte
    } else {
      // Another profile's extension: its length counts, its content is not ours.
      form = .none
    }
    elements = body
  }

  /// The data of the element with this id, 1 to 255; nil if there is none.
  public func element(_ wanted: UInt8) -> PacketView? {
    guard wanted != 0 else { return nil }
    var found: PacketView?
    visit { id, data in
      if id == wanted, found == nil { found = data }
    }
    return found
  }

  /// Calls `body` with the id and the data of each element; stops silently at the first that is cut.
  public func visit(_ body: (UInt8, PacketView) -> Void) {
    guard let elements, form != .none else { return }
    var at = 0
    while let head = elements.u8(at) {
      // Padding between elements.
      if head == 0 {
        at += 1
        continue
      }
      let (id, length, start): (UInt8, Int, Int)
      if form == .oneByte {
        // Id 15 is reserved and ends the list (section 4.2).
        guard head >> 4 != 15 else { return }
        (id, length, start) = (head >> 4, Int(head & 0x0f) + 1, at + 1)
      } else {
        guard let count = elements.u8(at + 1) else { return }
        (id, length, start) = (head, Int(count), at + 2)
      }
      guard let data = elements.slice(start, length) else { return }
      body(id, data)
      at = start + length
    }
  }
}
