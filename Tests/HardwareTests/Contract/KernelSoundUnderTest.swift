import Glibc
import Links
import Linux
import Synchronization
import Testing

@testable import Hardware

/// snd-aloop: what is played at one end is heard at the other. The box has device 0, the test device 1.
final class LoopbackUnderTest: SoundUnderTest, @unchecked Sendable {
  let microphone: any Microphone
  let speaker: any Speaker
  private let other: End

  /// Plays a tone and records, from two threads of its own.
  private final class End: Sendable {
    private static let kept = 9_600
    private let microphone: any Microphone
    private let speaker: any Speaker
    private let stopping = Atomic(false)
    private let tone = Mutex(Tone(hertz: 440))
    private let recording = Mutex<[Int16]>([])

    init(_ name: String) throws {
      microphone = try ALSAMicrophone(.init(device: name))
      speaker = try ALSASpeaker(.init(device: name))
    }

    func say(hertz: Double) { tone.withLock { $0 = Tone(hertz: hertz) } }
    var heard: [Int16] { recording.withLock { $0 } }

    func play() {
      run { memory throws(DeviceError) in
        try speaker.open()
        while !stopping.load(ordering: .relaxed) {
          tone.withLock { $0.next(into: memory.samples) }
          _ = try speaker.write(UnsafeBufferPointer(memory.samples))
        }
      }
      speaker.close()
    }

    func record() {
      run { memory throws(DeviceError) in
        try microphone.open()
        while !stopping.load(ordering: .relaxed) {
          _ = try microphone.read(into: memory.samples)
          recording.withLock {
            $0 += Array(memory.samples)
            $0.removeFirst(max(0, $0.count - Self.kept))
          }
        }
      }
      microphone.close()
    }

    /// Again and again: this end may see an interruption when the other begins or ends.
    private func run(_ body: (Memory) throws(DeviceError) -> Void) {
      let memory = block()
      defer { withExtendedLifetime(memory) {} }
      while !stopping.load(ordering: .relaxed) {
        do throws(DeviceError) { try body(memory) } catch {
          microphone.close()
          speaker.close()
          usleep(10_000)
        }
      }
    }

    func stop() {
      stopping.store(true, ordering: .relaxed)
      microphone.close()
      speaker.close()
    }
  }

  private let threads: [Worker]

  init(_ name: String) throws {
    microphone = try ALSAMicrophone(.init(device: name))
    speaker = try ALSASpeaker(.init(device: name))
    let end = try End(name.replacingDevice("0", by: "1"))
    other = end
    threads = [try Worker(name: "plays") { end.play() }, try Worker(name: "records") { end.record() }]
  }

  deinit {
    other.stop()
    for thread in threads { thread.join() }
  }

  func say(hertz: Double) { other.say(hertz: hertz) }
  func heard() -> Double { frequency(other.heard) }
  func unplug() {}
  func plug() {}
}

extension String {
  /// `hw:CARD=Loopback,DEV=0` with another number at its end.
  fileprivate func replacingDevice(_ number: String, by other: String) -> String {
    hasSuffix("DEV=\(number)") ? dropLast(number.count) + other : self
  }
}

/// An emulated headset at USB, of which the kernel's own driver makes a sound card. It takes orders at a socket.
final class HeadsetUnderTest: SoundUnderTest, @unchecked Sendable {
  let pulls = 50
  private let path: String
  let microphone: any Microphone
  let speaker: any Speaker

  init(_ path: String) throws {
    self.path = path
    microphone = try ALSAMicrophone(.init(device: "Headset"))
    speaker = try ALSASpeaker(.init(device: "Headset"))
    // Whatever the test before left.
    if try order("status").contains("plugged=no") { try plug() }
  }

  func say(hertz: Double) throws { try expectDone("tone \(Int(hertz))") }
  func unplug() throws { try expectDone("unplug") }
  func plug() throws { try expectDone("plug") }
  func heard() throws -> Double {
    let words = try order("status").split(separator: " ")
    return words.first { $0.hasPrefix("heard-hz=") }.flatMap { Double($0.dropFirst(9)) } ?? 0
  }

  private func expectDone(_ words: String) throws {
    let answer = try order(words)
    try #require(answer.hasPrefix("ok"), "\(words): \(answer)")
  }

  /// Sends a line; gives the line that comes back.
  private func order(_ words: String) throws -> String {
    let number = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    guard number >= 0 else { throw SystemError("socket", code: errno) }
    defer { Glibc.close(number) }
    var name = sockaddr_un()
    name.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &name.sun_path) { $0.copyBytes(from: path.utf8.prefix($0.count - 1)) }
    let result = withUnsafeBytes(of: &name) {
      connect(number, $0.bindMemory(to: sockaddr.self).baseAddress, socklen_t(MemoryLayout<sockaddr_un>.size))
    }
    guard result == 0 else { throw SystemError("connect", code: errno, about: path) }
    let line = Array("\(words)\n".utf8)
    guard send(number, line, line.count, Int32(MSG_NOSIGNAL)) == line.count else {
      throw SystemError("send", code: errno, about: path)
    }
    var answer: [UInt8] = []
    var byte: UInt8 = 0
    while answer.last != UInt8(ascii: "\n"), recv(number, &byte, 1, 0) == 1 { answer.append(byte) }
    return String(decoding: answer, as: UTF8.self)
  }
}
