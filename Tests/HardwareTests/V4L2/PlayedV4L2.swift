import CV4L2
import Glibc
import Links
import Linux
import Synchronization
import TestSupport

@testable import Hardware

/// Plays the kernel's part under the camera's driver: cameras with their menus, buffers and pictures. Calls can be made to fail.
///
/// Time stands still but for waits that end without a picture, unless a camera is ``Camera/isLive``: then pictures come by the
/// machine's own clock.
final class PlayedV4L2: Sendable {
  struct Camera: Sendable {
    var card = "Played Camera"
    var bus = "usb-0000:00:14.0-1"
    var driver = "uvcvideo"
    var capabilities = UInt32(V4L2_CAP_VIDEO_CAPTURE) | UInt32(V4L2_CAP_STREAMING)
    var menu = [
      Format(.yuyv, [(640, 480, [15, 30]), (1_280, 720, [10])]),
      Format(.mjpeg, [(640, 480, [30]), (1_280, 720, [15, 30])]),
    ]
    /// Bytes behind each row of raw pictures.
    var padding = 0
    /// What it makes of whatever is asked for.
    var forcedSize: (width: UInt32, height: UInt32)?
    /// Nil takes what was asked for; 0 keeps no buffer.
    var buffers: UInt32?
    var isLive = false
  }

  struct Format: Sendable {
    var fourCC: FourCC
    var sizes: [(width: UInt32, height: UInt32, rates: [UInt32])]
    init(_ fourCC: FourCC, _ sizes: [(UInt32, UInt32, [UInt32])]) {
      self.fourCC = fourCC
      self.sizes = sizes
    }
  }

  /// What happens while the driver is waited for.
  enum Event: Sendable {
    /// A picture whose bytes are all of one value, taken so long ago.
    case picture(UInt8, age: Interval = .zero)
    /// A buffer as the driver fills it.
    case buffer(bytes: Int, flags: UInt32 = UInt32(V4L2_BUF_FLAG_TIMESTAMP_MONOTONIC), value: UInt8 = 1)
    /// Several at once, before anybody looks.
    case bunch([UInt8])
    case unplug
    /// The driver says that something is wrong, and no more.
    case trouble
    /// The wait itself fails.
    case failure(Int32)
  }

  private struct Filled {
    var index: UInt32
    var bytes: UInt32
    var flags: UInt32
    var time: MonotonicTime
  }

  private struct Open {
    var path: String
    var generation: Int
    var fourCC = FourCC.yuyv
    var size: (width: UInt32, height: UInt32) = (640, 480)
    var rate: UInt32 = 30
    var lengths: [Int] = []
    var maps: [UInt: Int] = [:]
    var waiting: [UInt32] = []
    var filled: [Filled] = []
    var isOn = false
    var nextLive = MonotonicTime(microseconds: 0)
    var pictures = 0
  }

  private struct State {
    var cameras: [String: (camera: Camera, generation: Int)] = [:]
    var open: [Int32: Open] = [:]
    var next: Int32 = 1_000
    var generation = 0
    var faults: [V4L2Request: [Int32]] = [:]
    var openFaults: [Int32] = []
    var mapFaults: [Int32] = []
    var events: [Event] = []
    var log: [V4L2Request] = []
    var controls: [UInt32] = []
    var mapped = 0
    var now = MonotonicTime(microseconds: 5_000_000_000)
    var isLive = false
  }
  private let state = Mutex(State())
  /// Nodes and links for names; their content is played.
  let directory: ScratchDirectory

  init() throws {
    directory = try ScratchDirectory()
    for name in ["by-id", "by-path"] { try Files.makeDirectory("\(directory.path)/v4l/\(name)") }
  }

  // MARK: Hands

  func path(_ number: Int) -> String { "\(directory.path)/video\(number)" }

  /// Puts a camera at a number, with links to it.
  func plug(_ camera: Camera = Camera(), at number: Int, id: String? = nil, place: String? = nil) throws {
    let path = path(number)
    let file = creat(path, 0o644)
    if file >= 0 { Glibc.close(file) }
    for (folder, name) in [("by-id", id), ("by-path", place)] {
      guard let name else { continue }
      unlink("\(directory.path)/v4l/\(folder)/\(name)")
      symlink("../../video\(number)", "\(directory.path)/v4l/\(folder)/\(name)")
    }
    state.withLock { state in
      state.generation += 1
      state.cameras[path] = (camera, state.generation)
      state.isLive = state.isLive || camera.isLive
    }
  }

  /// Pulls it, with its node; links stay until another camera takes them.
  func unplug(_ number: Int) {
    unlink(path(number))
    state.withLock { _ = $0.cameras.removeValue(forKey: path(number)) }
  }

  /// The next requests of a kind fail, one for each code.
  func fail(_ request: V4L2Request, _ codes: Int32...) { state.withLock { $0.faults[request, default: []] += codes } }
  func failOpen(_ codes: Int32...) { state.withLock { $0.openFaults += codes } }
  func failMap(_ codes: Int32...) { state.withLock { $0.mapFaults += codes } }
  func happen(_ events: Event...) { state.withLock { $0.events += events } }

  /// Fills buffers while nobody waits, and lets time pass.
  func fill(_ values: [UInt8], thenPass time: Interval) {
    state.withLock { state in
      for descriptor in state.open.keys where state.open[descriptor]?.isOn == true {
        let whole = state.open[descriptor].map { Self.imageBytes($0, Camera()) } ?? 0
        for value in values {
          Self.fill(
            &state.open[descriptor], whole, UInt32(V4L2_BUF_FLAG_TIMESTAMP_MONOTONIC), value, state.now)
        }
      }
      state.now = state.now + time
    }
  }

  // MARK: Eyes

  /// What is held open, and mapped.
  var held: Int { state.withLock { $0.open.count + $0.mapped } }
  var log: [V4L2Request] { state.withLock { $0.log } }
  var controls: [UInt32] { state.withLock { $0.controls } }
  func count(_ request: V4L2Request) -> Int { log.count { $0 == request } }
  var now: MonotonicTime { state.withLock { $0.isLive ? .now() : $0.now } }

  // MARK: The kernel

  var calls: V4L2Calls {
    V4L2Calls(
      open: { [self] path in open(path) }, adopt: { _ in 0 },
      close: { [self] descriptor in state.withLock { _ = $0.open.removeValue(forKey: descriptor) } },
      request: { [self] descriptor, request, argument in
        self.request(descriptor, request, argument)
      },
      map: { [self] descriptor, length, offset in map(descriptor, length, offset) },
      unmap: { [self] start, _ in
        state.withLock { $0.mapped -= 1 }
        start.deallocate()
      },
      wait: { [self] descriptor, other, milliseconds in wait(descriptor, other, milliseconds) },
      now: { [self] in now }, holder: { _ in "motion" })
  }

  private func open(_ path: String) -> Result<Int32, SystemError> {
    let node = realpath(path, nil).map { resolved in
      defer { free(resolved) }
      return String(cString: resolved)
    }
    return state.withLock { state in
      if let code = state.openFaults.first {
        state.openFaults.removeFirst()
        return .failure(SystemError("open", code: code, about: path))
      }
      guard let node,
        let found = state.cameras.first(where: { $0.key.hasSuffix(node.split(separator: "/").last ?? "") })
      else { return .failure(SystemError("open", code: ENOENT, about: path)) }
      state.next += 1
      state.open[state.next] = Open(path: found.key, generation: found.value.generation)
      return .success(state.next)
    }
  }

  private func map(_ descriptor: Int32, _ length: Int, _ offset: UInt32) -> Result<UnsafeMutableRawPointer, SystemError>
  {
    state.withLock { state in
      if let code = state.mapFaults.first {
        state.mapFaults.removeFirst()
        return .failure(SystemError("mmap", code: code))
      }
      let start = UnsafeMutableRawPointer.allocate(byteCount: length, alignment: 4_096)
      state.open[descriptor]?.maps[UInt(bitPattern: start)] = Int(offset)
      state.mapped += 1
      return .success(start)
    }
  }

  private func request(_ descriptor: Int32, _ request: V4L2Request, _ argument: UnsafeMutableRawPointer) -> Int32 {
    // The pointer is the caller's for the length of the call; the lock's body runs on this thread.
    nonisolated(unsafe) let argument = argument
    return state.withLock { state in
      state.log.append(request)
      if let code = state.faults[request]?.first {
        state.faults[request]?.removeFirst()
        return code
      }
      guard var open = state.open[descriptor] else { return EBADF }
      guard let found = state.cameras[open.path], found.generation == open.generation else { return ENODEV }
      defer { state.open[descriptor] = open }
      return Self.answer(&open, found.camera, request, argument, &state.controls)
    }
  }

  private static func answer(
    _ open: inout Open, _ camera: Camera, _ request: V4L2Request, _ argument: UnsafeMutableRawPointer,
    _ controls: inout [UInt32]
  ) -> Int32 {
    switch request {
    case .capabilities:
      let reply = argument.assumingMemoryBound(to: v4l2_capability.self)
      put(camera.driver, &reply.pointee.driver)
      put(camera.card, &reply.pointee.card)
      put(camera.bus, &reply.pointee.bus_info)
      reply.pointee.capabilities = camera.capabilities | UInt32(V4L2_CAP_DEVICE_CAPS)
      reply.pointee.device_caps = camera.capabilities
    case .formats:
      let query = argument.assumingMemoryBound(to: v4l2_fmtdesc.self)
      guard Int(query.pointee.index) < camera.menu.count else { return EINVAL }
      query.pointee.pixelformat = camera.menu[Int(query.pointee.index)].fourCC.code
    case .frameSizes:
      let query = argument.assumingMemoryBound(to: v4l2_frmsizeenum.self)
      guard let format = camera.menu.first(where: { $0.fourCC.code == query.pointee.pixel_format }),
        Int(query.pointee.index) < format.sizes.count
      else { return EINVAL }
      let size = format.sizes[Int(query.pointee.index)]
      query.pointee.type = V4L2_FRMSIZE_TYPE_DISCRETE.rawValue
      query.pointee.discrete = v4l2_frmsize_discrete(width: size.width, height: size.height)
    case .frameIntervals:
      let query = argument.assumingMemoryBound(to: v4l2_frmivalenum.self)
      guard let format = camera.menu.first(where: { $0.fourCC.code == query.pointee.pixel_format }),
        let size = format.sizes.first(where: { $0.width == query.pointee.width && $0.height == query.pointee.height }),
        Int(query.pointee.index) < size.rates.count
      else { return EINVAL }
      query.pointee.type = V4L2_FRMIVAL_TYPE_DISCRETE.rawValue
      query.pointee.discrete = v4l2_fract(numerator: 1, denominator: size.rates[Int(query.pointee.index)])
    case .setFormat:
      let format = argument.assumingMemoryBound(to: v4l2_format.self)
      open.fourCC = FourCC(code: format.pointee.fmt.pix.pixelformat)
      open.size = camera.forcedSize ?? (format.pointee.fmt.pix.width, format.pointee.fmt.pix.height)
      let line = lineBytes(open, camera)
      format.pointee.fmt.pix.width = open.size.width
      format.pointee.fmt.pix.height = open.size.height
      format.pointee.fmt.pix.bytesperline = open.fourCC == .mjpeg ? 0 : UInt32(line)
      format.pointee.fmt.pix.sizeimage = UInt32(imageBytes(open, camera))
    case .parameters, .setParameters:
      let parameters = argument.assumingMemoryBound(to: v4l2_streamparm.self)
      let wanted = parameters.pointee.parm.capture.timeperframe
      if request == .setParameters, wanted.numerator > 0 { open.rate = wanted.denominator / wanted.numerator }
      parameters.pointee.parm.capture.capability = UInt32(V4L2_CAP_TIMEPERFRAME)
      parameters.pointee.parm.capture.timeperframe = v4l2_fract(numerator: 1, denominator: open.rate)
    case .setControl:
      controls.append(argument.assumingMemoryBound(to: v4l2_control.self).pointee.id)
    case .requestBuffers:
      let buffers = argument.assumingMemoryBound(to: v4l2_requestbuffers.self)
      if buffers.pointee.count > 0 { buffers.pointee.count = camera.buffers ?? buffers.pointee.count }
      open.lengths = Array(repeating: imageBytes(open, camera), count: Int(buffers.pointee.count))
      open.maps = [:]
      open.waiting = []
      open.filled = []
    case .queryBuffer:
      let buffer = argument.assumingMemoryBound(to: v4l2_buffer.self)
      guard Int(buffer.pointee.index) < open.lengths.count else { return EINVAL }
      buffer.pointee.length = UInt32(open.lengths[Int(buffer.pointee.index)])
      buffer.pointee.m.offset = buffer.pointee.index
    case .queue:
      let index = argument.assumingMemoryBound(to: v4l2_buffer.self).pointee.index
      guard Int(index) < open.lengths.count, !open.waiting.contains(index) else { return EINVAL }
      open.waiting.append(index)
    case .dequeue:
      guard open.isOn else { return EINVAL }
      guard !open.filled.isEmpty else { return EAGAIN }
      let filled = open.filled.removeFirst()
      let buffer = argument.assumingMemoryBound(to: v4l2_buffer.self)
      buffer.pointee.index = filled.index
      buffer.pointee.bytesused = filled.bytes
      buffer.pointee.flags = filled.flags
      buffer.pointee.timestamp.tv_sec = Int(filled.time.microseconds / 1_000_000)
      buffer.pointee.timestamp.tv_usec = Int(filled.time.microseconds % 1_000_000)
    case .streamOn: open.isOn = true
    case .streamOff: open.isOn = false
    }
    return 0
  }

  private static func put<Bytes>(_ text: String, _ bytes: inout Bytes) {
    withUnsafeMutableBytes(of: &bytes) { bytes in
      bytes.initializeMemory(as: UInt8.self, repeating: 0)
      bytes.copyBytes(from: text.utf8.prefix(bytes.count - 1))
    }
  }

  private static func lineBytes(_ open: Open, _ camera: Camera) -> Int {
    Int(open.size.width) * (open.fourCC == .yuyv ? 2 : 1) + camera.padding
  }

  private static func imageBytes(_ open: Open, _ camera: Camera) -> Int {
    let (line, height) = (lineBytes(open, camera), Int(open.size.height))
    switch open.fourCC {
    case .mjpeg: return Int(open.size.width) * height * 2
    case .yuyv: return line * height
    default: return line * height * 3 / 2
    }
  }

  private func wait(_ descriptor: Int32, _ other: Int32, _ milliseconds: Int32) -> Result<V4L2Calls.Woken, SystemError>
  {
    if state.withLock({ $0.isLive }) { return waitLive(descriptor, other, milliseconds) }
    return state.withLock { state in
      guard let open = state.open[descriptor] else { return .failure(SystemError("poll", code: EBADF)) }
      guard state.cameras[open.path]?.generation == open.generation else { return .success(.init(failed: true)) }
      if !open.filled.isEmpty { return .success(.init(ready: true)) }
      guard !state.events.isEmpty else {
        state.now = state.now + .milliseconds(Int64(milliseconds))
        return .success(.init())
      }
      state.now = state.now + .milliseconds(1)
      let now = state.now
      let camera = state.cameras[open.path]?.camera ?? Camera()
      let whole = Self.imageBytes(open, camera)
      let monotonic = UInt32(V4L2_BUF_FLAG_TIMESTAMP_MONOTONIC)
      switch state.events.removeFirst() {
      case .picture(let value, let age):
        Self.fill(&state.open[descriptor], whole, monotonic, value, now - age)
      case .buffer(let bytes, let flags, let value):
        Self.fill(&state.open[descriptor], bytes, flags, value, now)
      case .bunch(let values):
        for value in values { Self.fill(&state.open[descriptor], whole, monotonic, value, now) }
      case .unplug:
        state.cameras[open.path] = nil
        return .success(.init(failed: true))
      case .trouble: return .success(.init(failed: true))
      case .failure(let code): return .failure(SystemError("poll", code: code))
      }
      return .success(.init(ready: true))
    }
  }

  /// The driver writes into the next buffer it has been given; without one the picture is lost.
  private static func fill(_ open: inout Open?, _ bytes: Int, _ flags: UInt32, _ value: UInt8, _ time: MonotonicTime) {
    guard let index = open?.waiting.first else { return }
    open?.waiting.removeFirst()
    open?.pictures += 1
    for (start, offset) in open?.maps ?? [:] where offset == Int(index) {
      let length = open?.lengths[Int(index)] ?? 0
      UnsafeMutableRawPointer(bitPattern: start)?.initializeMemory(
        as: UInt8.self, repeating: value, count: max(0, min(length, bytes)))
    }
    open?.filled.append(Filled(index: index, bytes: UInt32(clamping: bytes), flags: flags, time: time))
  }

  private func waitLive(_ descriptor: Int32, _ other: Int32, _ milliseconds: Int32) -> Result<
    V4L2Calls.Woken, SystemError
  > {
    let deadline = MonotonicTime.now() + .milliseconds(Int64(milliseconds))
    while true {
      let now = MonotonicTime.now()
      let (woken, until) = state.withLock { state -> (V4L2Calls.Woken?, MonotonicTime) in
        guard let open = state.open[descriptor], let found = state.cameras[open.path],
          found.generation == open.generation
        else { return (.init(failed: true), now) }
        let interval = Interval.microseconds(1_000_000 / Int64(max(1, open.rate)))
        if open.nextLive.microseconds == 0 { state.open[descriptor]?.nextLive = now + interval }
        while let due = state.open[descriptor]?.nextLive, due <= now {
          Self.fill(
            &state.open[descriptor], Self.imageBytes(open, found.camera), UInt32(V4L2_BUF_FLAG_TIMESTAMP_MONOTONIC), 7,
            due)
          state.open[descriptor]?.nextLive = due + interval
        }
        if state.open[descriptor]?.filled.isEmpty == false { return (.init(ready: true), now) }
        return (nil, state.open[descriptor]?.nextLive ?? now)
      }
      if let woken { return .success(woken) }
      if now >= deadline { return .success(.init()) }
      // Short, so that a plug pulled meanwhile is noticed.
      let rest = min(min(until, deadline) - now, .milliseconds(5)).microseconds
      var entry = pollfd(fd: other, events: Int16(POLLIN), revents: 0)
      if poll(&entry, 1, Int32((rest + 999) / 1_000)) > 0 { return .success(.init(interrupted: true)) }
    }
  }
}
