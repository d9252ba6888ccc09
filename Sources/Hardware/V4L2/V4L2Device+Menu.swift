import CV4L2
import Glibc
import Links

extension V4L2Device {
  /// Drivers that never come to an end of their lists are cut off.
  private static let most = (formats: 64, sizes: 128, intervals: 64)

  func capabilities() throws(DeviceError) -> v4l2_capability {
    var capabilities = v4l2_capability()
    try request(.capabilities, &capabilities)
    return capabilities
  }

  /// Everything that the camera offers of what the box can make use of, at the rates nearest to the asked one.
  func offers(for asked: CameraMode) throws(DeviceError) -> [V4L2Offer] {
    var offers: [V4L2Offer] = []
    for fourCC in try formats() {
      for size in try sizes(fourCC).candidates(for: .init(asked.width, asked.height)) {
        let interval = try rates(fourCC, size).nearest(to: asked.framesPerSecond)
        if let offer = V4L2Offer(fourCC, size.width, size.height, interval) { offers.append(offer) }
      }
    }
    return offers
  }

  /// One entry of a list; nil at its end.
  private func entry<Value>(_ kind: V4L2Request, _ value: Value) throws(DeviceError) -> Value? {
    var value = value
    switch attempt(kind, &value) {
    case 0: return value
    // The second from drivers that have no such list.
    case EINVAL, ENOTTY: return nil
    case let code: throw error(kind.rawValue, code)
    }
  }

  private func formats() throws(DeviceError) -> [FourCC] {
    var formats: [FourCC] = []
    for index in 0..<Self.most.formats {
      var query = v4l2_fmtdesc()
      query.index = UInt32(index)
      query.type = V4L2_BUF_TYPE_VIDEO_CAPTURE.rawValue
      guard let found = try entry(.formats, query) else { break }
      let fourCC = FourCC(code: found.pixelformat)
      // What libv4l or the driver would make of something else is not the camera's own.
      guard fourCC.pixelFormat != nil, found.flags & UInt32(V4L2_FMT_FLAG_EMULATED) == 0, !formats.contains(fourCC)
      else {
        continue
      }
      formats.append(fourCC)
    }
    return formats
  }

  private func sizes(_ fourCC: FourCC) throws(DeviceError) -> V4L2Sizes {
    var sizes: [V4L2Sizes.Size] = []
    for index in 0..<Self.most.sizes {
      var query = v4l2_frmsizeenum()
      query.index = UInt32(index)
      query.pixel_format = fourCC.code
      guard let found = try entry(.frameSizes, query) else { break }
      guard found.type == V4L2_FRMSIZE_TYPE_DISCRETE.rawValue else {
        let steps = found.stepwise
        return .steps(
          width: .init(least: Int(steps.min_width), most: Int(steps.max_width), step: Int(steps.step_width)),
          height: .init(least: Int(steps.min_height), most: Int(steps.max_height), step: Int(steps.step_height)))
      }
      sizes.append(.init(Int(found.discrete.width), Int(found.discrete.height)))
    }
    return sizes.isEmpty ? .unknown : .discrete(sizes)
  }

  private func rates(_ fourCC: FourCC, _ size: V4L2Sizes.Size) throws(DeviceError) -> V4L2Rates {
    var intervals: [V4L2Interval] = []
    for index in 0..<Self.most.intervals {
      var query = v4l2_frmivalenum()
      query.index = UInt32(index)
      query.pixel_format = fourCC.code
      query.width = UInt32(clamping: size.width)
      query.height = UInt32(clamping: size.height)
      guard let found = try entry(.frameIntervals, query) else { break }
      guard found.type == V4L2_FRMIVAL_TYPE_DISCRETE.rawValue else {
        guard let shortest = V4L2Interval(found.stepwise.min), let longest = V4L2Interval(found.stepwise.max) else {
          return .unknown
        }
        return .range(shortest: shortest, longest: longest)
      }
      if let interval = V4L2Interval(found.discrete) { intervals.append(interval) }
    }
    return intervals.isEmpty ? .unknown : .discrete(intervals)
  }
}
