import Glibc
import Linux
import Media

// What media does to the microphone's sound, from file to file: raw samples, 16 bits, 48 kHz, mono. `Tests/Benchmarks/sound.py`
// makes the files and judges what comes out.

let usage = """
  usage: sound-care HEARD PLAYED OUTPUT [--echo on] [--noise on] [--gain auto|DECIBELS] [--jitter-ms 1] [--drift-ppm 0]

  HEARD is what the microphone heard, PLAYED what the speaker played, both from the same moment on. --jitter-ms is how far the
  times that the cards tell swing, --drift-ppm how much faster the speaker's card is. Prints one line of JSON.
  """
let arguments = Array(CommandLine.arguments.dropFirst())
guard arguments.count >= 3, !arguments.contains("--help") else {
  print(usage)
  exit(arguments.contains("--help") ? 0 : 2)
}

func option(_ name: String, _ fallback: String) -> String {
  guard let at = arguments.firstIndex(of: "--\(name)"), at + 1 < arguments.count else { return fallback }
  return arguments[at + 1]
}

func load(_ path: String) -> [Int16] {
  guard let file = fopen(path, "rb") else { return [] }
  defer { fclose(file) }
  fseek(file, 0, SEEK_END)
  var samples = [Int16](repeating: 0, count: ftell(file) / 2)
  rewind(file)
  let count = fread(&samples, 2, samples.count, file)
  return Array(samples.prefix(count))
}

let blockSamples = 960
var heard = load(arguments[0])
let played = load(arguments[1])
let gain = option("gain", "0")
let care = SoundCare(
  echoCancellation: option("echo", "on") == "on", noiseSuppression: option("noise", "on") == "on",
  gain: gain == "auto" ? .automatic : .decibels(Double(gain) ?? 0))
let jitter = (Double(option("jitter-ms", "1")) ?? 1) * 1_000
let drift = (Double(option("drift-ppm", "0")) ?? 0) / 1e6
/// The same swings in every run.
struct Swings {
  private var state: UInt64 = 5
  mutating func next() -> Double {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return Double(Int64(bitPattern: state) >> 32) / 2_147_483_648
  }
}
var swings = Swings()
let origin = 1_000_000_000.0

/// When a block is heard, as a card would tell it.
func told(_ block: Int, _ rate: Double, _ swing: Double) -> MonotonicTime {
  MonotonicTime(microseconds: Int64(origin + Double(block) * 20_000 / rate + swing * jitter))
}

func threadTime() -> Double {
  var time = timespec()
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
  return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
}

let cleaner = try MicrophoneCare(care)
var playedBlocks = 0
var spent = 0.0
let blocks = heard.count / blockSamples
for block in 0..<blocks {
  // The speaker is given its sound ahead of time, so media knows it before the microphone hears it.
  while (playedBlocks + 1) * blockSamples <= played.count,
    Double(playedBlocks) / (1 + drift) <= Double(block) + 1.25
  {
    let first = playedBlocks * blockSamples
    let time = told(playedBlocks, 1 + drift, swings.next())
    played.withUnsafeBufferPointer {
      cleaner?.take(played: UnsafeBufferPointer(rebasing: $0[first..<first + blockSamples]), heard: time)
    }
    playedBlocks += 1
  }
  let time = told(block, 1, swings.next())
  let began = threadTime()
  heard.withUnsafeMutableBufferPointer {
    cleaner?.process(
      UnsafeMutableBufferPointer(rebasing: $0[block * blockSamples..<(block + 1) * blockSamples]), heard: time)
  }
  spent += threadTime() - began
}
guard let output = fopen(arguments[2], "wb") else { exit(1) }
fwrite(heard, 2, blocks * blockSamples, output)
fclose(output)
let seconds = Double(blocks) * 0.02
print(
  "{\"cpuPercent\": \(spent / max(seconds, 0.02) * 100), \"delaySamples\": \((cleaner?.delay.microseconds ?? 0) * 48 / 1_000), "
    + "\"jumps\": \(cleaner?.jumps ?? 0)}")
