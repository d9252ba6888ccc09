import Links
import Linux

extension FuzzTarget {
  /// A datagram of any link: what is read can be written and reads the same again.
  static let linkMessages = FuzzTarget(
    "links",
    seeds: {
      let messages: [() throws -> [UInt8]] = [
        { try LinkCodec.encode(ControlCommand.press(.short(.call))) },
        { try LinkCodec.encode(ControlCommand.camera(nil, fault: "unplugged")) },
        { try LinkCodec.encode(ControlReport.pong(7, counters: ["a.b": 1])) },
        { try LinkCodec.encode(ControlReport.state(.inCall(boxCalled: true, autoAnswered: false))) },
        {
          try LinkCodec.encode(
            MediaRequest.openPeer(id: 1, peer: "p", localAddresses: ["10.0.0.1"], shape: MediaShape()))
        },
        {
          try LinkCodec.encode(
            MediaRequest.setFeed(
              id: 2, of: .local, feed: MediaFeed(audio: [.peer("p")], video: [nil, MediaView(from: .peer("p"))])))
        },
        { try LinkCodec.encode(MediaEvent.reply(id: 3, .offer(MediaOffer(sdp: "v=0\r\n")))) },
        { try LinkCodec.encode(LocalRequest.plug(.camera, in: true)) },
        { try LinkCodec.encode(LocalReply.refused("no")) },
      ]
      return messages.compactMap { try? $0() }
    },
    run: { view in
      let bytes = view.array
      return again(ControlCommand.self, bytes) ?? again(ControlReport.self, bytes) ?? again(MediaRequest.self, bytes)
        ?? again(MediaEvent.self, bytes) ?? again(LocalRequest.self, bytes) ?? again(LocalReply.self, bytes)
    })

  /// Frames and sound: whatever is taken can be written, and is the same bytes as far as they carry meaning.
  static let mediaDatagrams = FuzzTarget(
    "media-datagrams",
    seeds: {
      [
        datagram { view in
          let frame = FrameReady(
            slot: 1, format: .i420, width: 640, height: 480, length: 460_800, sequence: 9,
            captured: MonotonicTime(microseconds: 77))
          return frame.write(to: view) ? FrameReady.bytes : 0
        }, datagram { FrameReleased(slot: 3).write(to: $0) ? FrameReleased.bytes : 0 },
        datagram { view in
          let head = PCMHead(sequence: 4, playbackDelayMicroseconds: 5, time: MonotonicTime(microseconds: 6))
          return head.write(to: view) ? PCMHead.datagramBytes : 0
        },
      ]
    },
    run: { view in
      if let frame = FrameReady(view),
        datagramReads(FrameReady.bytes, { frame.write(to: $0) }, { FrameReady($0) }) != frame
      {
        return "a frame reads differently"
      }
      if let head = PCMHead(view), datagramReads(PCMHead.datagramBytes, { head.write(to: $0) }, { PCMHead($0) }) != head
      {
        return "a head of sound reads differently"
      }
      if let slot = FrameReleased(view),
        datagramReads(FrameReleased.bytes, { slot.write(to: $0) }, { FrameReleased($0) }) != slot
      {
        return "a release reads differently"
      }
      return nil
    })

  private static func again<Message: LinkMessage>(_ type: Message.Type, _ bytes: [UInt8]) -> String? {
    guard let message = try? LinkCodec.decode(type, from: bytes) else { return nil }
    do {
      let again = try LinkCodec.decode(type, from: LinkCodec.encode(message))
      return again == message ? nil : "a \(type) reads differently when written and read again"
    } catch {
      return "a \(type) cannot be read again: \(error)"
    }
  }

  private static func datagramReads<T>(_ size: Int, _ write: (PacketView) -> Bool, _ read: (PacketView) -> T?) -> T? {
    var bytes = [UInt8](repeating: 0xaa, count: size)
    return bytes.withUnsafeMutableBytes { memory in
      write(PacketView(memory)) ? read(PacketView(memory)) : nil
    }
  }
}
