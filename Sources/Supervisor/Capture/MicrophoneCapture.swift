import Hardware
import Links
import Linux

/// What the microphone thread does: 20 ms blocks into datagrams.
enum MicrophoneCapture {
  static let retryAfter = Interval.milliseconds(250)

  static func body(_ microphone: any Microphone, _ port: SoundPort) -> DeviceThread<Bool>.Body {
    { _, stop, report in
      let datagram = UnsafeMutableRawBufferPointer.allocate(byteCount: PCMHead.datagramBytes, alignment: 8)
      datagram.initializeMemory(as: UInt8.self, repeating: 0)
      defer { datagram.deallocate() }
      let samples = UnsafeMutableRawBufferPointer(rebasing: datagram[PCMHead.bytes...]).bindMemory(to: Int16.self)
      var sequence: UInt32 = 0
      while !stop.isRaised {
        do throws(DeviceError) {
          try microphone.open()
          port.isMicrophoneOpen.store(true, ordering: .relaxed)
          while !stop.isRaised {
            let time = try microphone.read(into: samples)
            report(.running(nil))
            let head = PCMHead(
              sequence: sequence,
              playbackDelayMicroseconds: port.playbackDelayMicroseconds.load(ordering: .relaxed), time: time)
            sequence &+= 1
            _ = head.write(to: PacketView(datagram))
            port.captured.add(1, ordering: .relaxed)
            if port.capture?.send(PacketView(datagram)) != .sent { port.captureDropped.add(1, ordering: .relaxed) }
          }
        } catch {
          port.isMicrophoneOpen.store(false, ordering: .relaxed)
          microphone.close()
          if stop.isRaised { break }
          report(.gone(error.description))
          stop.wait(atMost: retryAfter)
        }
      }
      port.isMicrophoneOpen.store(false, ordering: .relaxed)
      microphone.close()
    }
  }
}
