import CV4L2

/// The requests that the camera's driver makes, by the names that errors tell people.
enum V4L2Request: String, Sendable, CaseIterable {
  case capabilities = "VIDIOC_QUERYCAP"
  case formats = "VIDIOC_ENUM_FMT"
  case frameSizes = "VIDIOC_ENUM_FRAMESIZES"
  case frameIntervals = "VIDIOC_ENUM_FRAMEINTERVALS"
  case setFormat = "VIDIOC_S_FMT"
  case parameters = "VIDIOC_G_PARM"
  case setParameters = "VIDIOC_S_PARM"
  case setControl = "VIDIOC_S_CTRL"
  case requestBuffers = "VIDIOC_REQBUFS"
  case queryBuffer = "VIDIOC_QUERYBUF"
  case queue = "VIDIOC_QBUF"
  case dequeue = "VIDIOC_DQBUF"
  case streamOn = "VIDIOC_STREAMON"
  case streamOff = "VIDIOC_STREAMOFF"

  var number: UInt {
    switch self {
    case .capabilities: FIELDBOX_QUERYCAP
    case .formats: FIELDBOX_ENUM_FMT
    case .frameSizes: FIELDBOX_ENUM_FRAMESIZES
    case .frameIntervals: FIELDBOX_ENUM_FRAMEINTERVALS
    case .setFormat: FIELDBOX_S_FMT
    case .parameters: FIELDBOX_G_PARM
    case .setParameters: FIELDBOX_S_PARM
    case .setControl: FIELDBOX_S_CTRL
    case .requestBuffers: FIELDBOX_REQBUFS
    case .queryBuffer: FIELDBOX_QUERYBUF
    case .queue: FIELDBOX_QBUF
    case .dequeue: FIELDBOX_DQBUF
    case .streamOn: FIELDBOX_STREAMON
    case .streamOff: FIELDBOX_STREAMOFF
    }
  }
}
