import Glibc
import Linux
import Synchronization

@testable import Hardware

/// Plays the kernel's part under the wrappers: one chip with the lines of a bench. Calls can be made to fail.
final class PlayedGPIO: GPIOBench, Sendable {
  enum Call: Sendable, Hashable, CaseIterable {
    case openChip, describeChip, findLine, describeLine, request, readEdge, isActive, setActive
  }

  /// The kernel keeps so many edges of a line.
  private static let mostEdges = 16
  private static let recordBytes = 9

  private struct Line {
    /// From outside; nil while nobody touches it.
    var outside: Bool?
    /// As an output, electrically.
    var driven: Bool?
    var pulledUp = false
    var isHigh = false
    var request: GPIORequest?
    var edges: [GPIOEdge] = []
    /// The ends of a pipe, readable while edges wait.
    var reader: Int32 = -1
    var writer: Int32 = -1
  }

  private struct State {
    var isThere = true
    var lines = [Line](repeating: Line(), count: BenchLine.allCases.count)
    /// What handles stand for; a chip that came back is another one.
    var chips: [UInt: Int] = [:]
    var requests: [UInt: (line: Int, chip: Int)] = [:]
    var generation = 0
    var next: UInt = 1
    var faults: [Call: [Int32]] = [:]
  }
  private let state = Mutex(State())

  let label = "played-gpio"
  let name = "gpiochip0"

  /// Handles that were not given back.
  var open: Int { state.withLock { $0.chips.count + $0.requests.count } }

  /// The next calls of this kind fail, one for each code.
  func fail(_ call: Call, _ codes: Int32...) { state.withLock { $0.faults[call, default: []] += codes } }

  func drive(_ line: BenchLine, high: Bool) throws {
    state.withLock { state in
      state.lines[Int(line.rawValue)].outside = high
      Self.update(&state.lines[Int(line.rawValue)])
    }
  }

  func isHigh(_ line: BenchLine) throws -> Bool { state.withLock { $0.lines[Int(line.rawValue)].isHigh } }
  func settle() {}

  func remove() throws {
    state.withLock { state in
      state.isThere = false
      state.generation += 1
      // Whoever waits in a line of it is told.
      for index in state.lines.indices where state.lines[index].writer >= 0 {
        close(state.lines[index].writer)
        state.lines[index].writer = -1
      }
    }
  }

  func restore() throws {
    state.withLock { state in
      state.isThere = true
      for index in state.lines.indices {
        let reader = state.lines[index].reader
        state.lines[index] = Line()
        // Still held by who requested it.
        state.lines[index].reader = reader
      }
    }
  }

  private static func update(_ line: inout Line) {
    let high = line.driven ?? line.outside ?? line.pulledUp
    guard high != line.isHigh else { return }
    line.isHigh = high
    guard let request = line.request, case .edges = request.use, line.edges.count < mostEdges else { return }
    let nanoseconds = UInt64(MonotonicTime.now().microseconds) * 1_000
    line.edges.append(GPIOEdge(rising: high != request.activeLow, nanoseconds: nanoseconds))
    var byte: UInt8 = 1
    _ = Glibc.write(line.writer, &byte, 1)
  }

  var calls: GPIOCalls {
    GPIOCalls(
      chips: { [self] in state.withLock { $0.isThere } ? ["/dev/\(name)"] : [] },
      openChip: { [self] path in
        call(.openChip) { state in
          guard state.isThere, path == "/dev/\(name)" else {
            return .failure(SystemError("open", code: ENOENT, about: path))
          }
          return .success(Self.handle(&state) { $0.chips[$1] = $0.generation })
        }
      },
      closeChip: { [self] chip in state.withLock { _ = $0.chips.removeValue(forKey: chip.address) } },
      describeChip: { [self] _ in
        call(.describeChip) { state in
          .success(GPIOChipInfo(name: name, label: label, lines: UInt32(state.lines.count)))
        }
      },
      findLine: { [self] _, name in
        call(.findLine) { _ in
          guard let offset = BenchLine.names.firstIndex(of: name) else {
            return .failure(SystemError("find", code: ENOENT))
          }
          return .success(UInt32(offset))
        }
      },
      describeLine: { [self] _, offset in
        call(.describeLine) { state in
          let line = state.lines[Int(offset)]
          return .success(
            GPIOLineInfo(
              name: offset < BenchLine.names.count ? BenchLine.names[Int(offset)] : "",
              consumer: line.request?.consumer ?? "", isUsed: line.request != nil, isOutput: line.driven != nil))
        }
      },
      request: { [self] chip, offset, request in
        call(.request) { state in
          guard let generation = state.chips[chip.address], generation == state.generation, state.isThere else {
            return .failure(SystemError("request", code: ENODEV))
          }
          let index = Int(offset)
          guard state.lines[index].request == nil else { return .failure(SystemError("request", code: EBUSY)) }
          switch request.use {
          case .output(let active): state.lines[index].driven = active != request.activeLow
          case .edges(let bias, _):
            var ends: [Int32] = [-1, -1]
            guard pipe(&ends) == 0 else { return .failure(SystemError("pipe", code: errno)) }
            (state.lines[index].reader, state.lines[index].writer) = (ends[0], ends[1])
            if bias == .pullUp || bias == .pullDown { state.lines[index].pulledUp = bias == .pullUp }
          }
          Self.update(&state.lines[index])
          state.lines[index].request = request
          return .success(Self.handle(&state) { $0.requests[$1] = (index, $0.generation) })
        }
      },
      release: { [self] line in
        state.withLock { state in
          guard let (index, generation) = state.requests.removeValue(forKey: line.address) else { return }
          close(state.lines[index].reader)
          if state.lines[index].writer >= 0 { close(state.lines[index].writer) }
          (state.lines[index].reader, state.lines[index].writer) = (-1, -1)
          guard generation == state.generation else { return }
          state.lines[index].request = nil
          state.lines[index].driven = nil
          state.lines[index].edges = []
          Self.update(&state.lines[index])
        }
      },
      descriptor: { [self] line in
        state.withLock { state in state.requests[line.address].map { state.lines[$0.line].reader } ?? -1 }
      },
      readEdge: { [self] line in
        call(.readEdge) { state in
          Self.with(line, &state) { line in
            guard !line.edges.isEmpty else { return .failure(SystemError("read", code: EAGAIN)) }
            var byte: UInt8 = 0
            _ = Glibc.read(line.reader, &byte, 1)
            return .success(line.edges.removeFirst())
          }
        }
      },
      isActive: { [self] line in
        call(.isActive) { state in
          Self.with(line, &state) { line in .success(line.isHigh != line.request?.activeLow) }
        }
      },
      setActive: { [self] line, active in
        call(.setActive) { state in
          Self.with(line, &state) { line in
            line.driven = active != line.request?.activeLow
            Self.update(&line)
            return .success(())
          }
        }
      })
  }

  private func call<Value>(
    _ call: Call, _ body: (inout State) -> Result<Value, SystemError>
  ) -> Result<Value, SystemError> {
    state.withLock { state in
      if let codes = state.faults[call], let code = codes.first {
        state.faults[call] = Array(codes.dropFirst())
        return .failure(SystemError("\(call)", code: code))
      }
      return body(&state)
    }
  }

  private static func handle(_ state: inout State, _ keep: (inout State, UInt) -> Void) -> GPIOHandle {
    let address = state.next
    state.next += 1
    keep(&state, address)
    return GPIOHandle(address: address)
  }

  private static func with<Value>(
    _ handle: GPIOHandle, _ state: inout State, _ body: (inout Line) -> Result<Value, SystemError>
  ) -> Result<Value, SystemError> {
    guard let (index, generation) = state.requests[handle.address], generation == state.generation else {
      return .failure(SystemError("line", code: ENODEV))
    }
    return body(&state.lines[index])
  }
}
