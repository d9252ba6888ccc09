import FuzzTargets
import Glibc
import Linux

/// What libFuzzer calls. The environment names the target, and the folder to write its seeds to.
enum Driver {
  static let target: FuzzTarget = {
    let name = environment("FUZZ_TARGET") ?? ""
    guard let target = FuzzTarget.all.first(where: { $0.name == name }) else {
      print("FUZZ_TARGET must be one of: \(FuzzTarget.all.map(\.name).joined(separator: " "))")
      exit(2)
    }
    return target
  }()

  static func environment(_ name: String) -> String? { getenv(name).map { String(cString: $0) } }

  static func writeSeeds(to folder: String) {
    for (number, seed) in target.seeds().enumerated() {
      guard let file = fopen("\(folder)/seed-\(number)", "w") else { return perror(folder) }
      fwrite(seed, 1, seed.count, file)
      fclose(file)
    }
  }
}

@_cdecl("LLVMFuzzerInitialize")
public func initialize(_ count: UnsafeMutableRawPointer, _ arguments: UnsafeMutableRawPointer) -> CInt {
  _ = Driver.target
  if let folder = Driver.environment("FUZZ_SEEDS") { Driver.writeSeeds(to: folder) }
  return 0
}

@_cdecl("LLVMFuzzerTestOneInput")
public func testOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: count, alignment: 1)
  defer { memory.deallocate() }
  memory.copyMemory(from: UnsafeRawBufferPointer(start: start, count: count))
  if let complaint = Driver.target.run(PacketView(memory)) { fatalError(complaint) }
  return 0
}
