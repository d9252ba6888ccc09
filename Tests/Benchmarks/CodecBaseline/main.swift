import Codecs
import Glibc
import Hardware
import Links
import Linux

// What libvpx and libopus cost alone: the same pictures and the same sound, encoded and decoded at the pace of a call, with
// nothing around them. `Tests/Benchmarks/run` holds the CPU time of the box in a call against it.

/// CPU time of this thread.
func threadTime() -> Interval {
  var time = timespec()
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
  return .microseconds(Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1_000)
}

/// CPU time spent in one kind of work.
struct Cost {
  private(set) var total = Interval.zero
  private(set) var count = 0

  mutating func measure<Result>(_ body: () throws -> Result) rethrows -> Result {
    let start = threadTime()
    defer {
      total = total + (threadTime() - start)
      count += 1
    }
    return try body()
  }
}

func sleep(until time: MonotonicTime) {
  var moment = timespec(
    tv_sec: Int(time.microseconds / 1_000_000), tv_nsec: Int(time.microseconds % 1_000_000) * 1_000)
  while clock_nanosleep(CLOCK_MONOTONIC, Int32(TIMER_ABSTIME), &moment, nil) == EINTR {}
}

func number(_ name: String, _ fallback: Int) -> Int {
  let arguments = CommandLine.arguments
  guard let at = arguments.firstIndex(of: "--\(name)"), at + 1 < arguments.count else { return fallback }
  return Int(arguments[at + 1]) ?? fallback
}

let usage = """
  usage: codec-baseline [--seconds 10] [--width 640] [--height 480] [--fps 30] [--kbps 1500]
    [--threads 1] [--speed 6] [--film FILE]
  Prints one line of JSON: CPU microseconds for each second of a call, by kind of work.
  """
if CommandLine.arguments.contains("--help") {
  print(usage)
  exit(0)
}

let seconds = number("seconds", 10)
let mode = CameraMode(width: number("width", 640), height: number("height", 480), framesPerSecond: number("fps", 30))
var simulated = SimulatedBoardConfiguration()
if let at = CommandLine.arguments.firstIndex(of: "--film"), at + 1 < CommandLine.arguments.count {
  simulated.camera = .file(CommandLine.arguments[at + 1])
}
let board = try SimulatedBoard(simulated)
let camera = board.camera
let stream = try camera.open(mode)
var configuration = VP8Encoder.Configuration(width: stream.mode.width, height: stream.mode.height)
configuration.framesPerSecond = mode.framesPerSecond
configuration.kilobitsPerSecond = number("kbps", 1_500)
configuration.threads = number("threads", 1)
configuration.speed = -number("speed", 6)
let video = try VP8Encoder(configuration)
let converter = FrameConverter()
let frame = UnsafeMutableRawBufferPointer.allocate(byteCount: stream.largestFrameBytes, alignment: 64)

let opusEncoder = try OpusEncoder()
let opusDecoder = try OpusDecoder()
let tone = (0..<960).map { Int16(3_000 * sin(Double($0) * 2 * .pi * 440 / 48_000)) }
var decoded = [Int16](repeating: 0, count: 2 * OpusDecoder.largestPacketSamples)
let packets = PacketSlab(slots: 1, slotBytes: OpusEncoder.largestPacketBytes)

var draw = Cost()
var encode = Cost()
var sound = Cost()
var bytes = 0
/// By the clock: threads of libvpx work meanwhile.
var elapsed = Interval.zero
let start = MonotonicTime.now()
let end = start + .seconds(Int64(seconds))
var nextSound = start
while MonotonicTime.now() < end {
  // The picture waits for its moment by itself; sound that came due meanwhile follows it.
  let captured = try draw.measure { try camera.nextFrame(into: frame, timeoutMilliseconds: 1_000) }
  let began = MonotonicTime.now()
  try encode.measure {
    let picture = try converter.convert(
      UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(frame)[..<captured.length]), format: captured.format,
      width: captured.width, height: captured.height)
    try video.encode(picture, timestamp: captured.captured.microseconds * 9 / 100, forceKeyFrame: bytes == 0) {
      bytes += $0.bytes.count
    }
  }
  elapsed = elapsed + (MonotonicTime.now() - began)
  while nextSound <= MonotonicTime.now(), let room = packets[0] {
    try sound.measure {
      let length = try tone.withUnsafeBufferPointer { try opusEncoder.encode($0, into: room) }
      if let packet = room.prefix(length) {
        _ = try decoded.withUnsafeMutableBufferPointer { try opusDecoder.decode(packet, into: $0) }
      }
    }
    nextSound = nextSound + .milliseconds(20)
  }
}
let lasted = (MonotonicTime.now() - start).seconds
func perSecond(_ cost: Cost) -> Int { Int(Double(cost.total.microseconds) / lasted) }
print(
  """
  {"draw": \(perSecond(draw)), "video": \(perSecond(encode)), "sound": \(perSecond(sound)), \
  "frames": \(encode.count), "videoElapsed": \(Int(Double(elapsed.microseconds) / lasted)), "kilobitsPerSecond": \(Int(Double(bytes) * 8 / 1000 / lasted)), "seconds": \(lasted)}
  """)
