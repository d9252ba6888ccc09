import Glibc
import Linux
import TestSupport
import Testing

extension KernelBoxTests {
  /// The camera of the kernel's own driver fails in a call: whoever watches sees what is wrong, and the live picture again, and
  /// nobody touches anything.
  @Suite struct Calls {
    /// Ann has called the box and sees its camera.
    private static func watching(_ camera: String) throws -> (Stage, Phone) {
      let stage = try Stage(settings: VirtualHardware.settings(camera: camera) + ["calls.auto-answer=ann"])
      let ann = try stage.administrator()
      try ann.callTheBox()
      try ann.untilCall(.connected)
      try live(stage, ann)
      return (stage, ann)
    }

    /// Pictures of the camera come, and none that names a fault.
    private static func live(_ stage: Stage, _ phone: Phone) throws {
      let before = phone.media?.pictures.count ?? 0
      try stage.until("five live pictures in a row") {
        guard let pictures = phone.media?.pictures, pictures.count >= before + 5 else { return false }
        return pictures.suffix(5).allSatisfy { !$0.isFault }
      }
      try stage.until("it to be said") { stage.status.devices["camera"]?.state == "running" }
    }

    private static func fault(_ stage: Stage, _ phone: Phone) throws {
      try stage.until("the picture of a fault") { phone.media?.pictures.last?.isFault == true }
    }

    private static func end(_ stage: Stage, _ phone: Phone) throws {
      #expect(phone.call?.state == .connected)
      #expect(stage.status.children.values.allSatisfy { $0.restarts == 0 })
      try phone.hangUp()
      try stage.untilState("ready")
    }

    @Test func theUSBCameraIsPulledAndComesBackUnderAnotherNumber() throws {
      let (stage, ann) = try Self.watching(try #require(VirtualHardware.usb.name))
      for _ in 0..<2 {
        try VirtualHardware.camera("unplug", "hold")
        try Self.fault(stage, ann)
        try stage.until("it to be said") { stage.status.devices["camera"]?.state == "gone" }
        try VirtualHardware.camera("plug")
        try Self.live(stage, ann)
      }
      try Self.end(stage, ann)
      try VirtualHardware.camera("release")
    }

    @Test func theUSBCameraFallsSilent() throws {
      let (stage, ann) = try Self.watching(try #require(VirtualHardware.usb.name))
      try VirtualHardware.camera("stall", "on")
      try Self.fault(stage, ann)
      try VirtualHardware.camera("stall", "off")
      try Self.live(stage, ann)
      try Self.end(stage, ann)
    }

    /// What vivid calls its faults: the device is gone, its start is refused, its stream ends.
    @Test func vividFails() throws {
      let (stage, ann) = try Self.watching(try #require(VirtualHardware.vivid))
      for control in ["disconnect", "inject_fatal_streaming_error", "inject_vidioc_qbuf_error"] {
        let before = stage.cameraFaults
        try VirtualHardware.vivid(control)
        try stage.until("\(control) to be said") { stage.cameraFaults > before }
        try Self.live(stage, ann)
      }
      // A start that is refused follows an end.
      for control in ["inject_vidioc_reqbufs_error", "inject_vidioc_streamon_error"] {
        let before = stage.cameraFaults
        try VirtualHardware.vivid(control)
        try VirtualHardware.vivid("disconnect")
        try stage.until("\(control) to be said") { stage.cameraFaults > before }
        try Self.live(stage, ann)
      }
      // A buffer that is marked bad is left out, and no fault.
      let damaged = stage.status.counters["framesDamaged"] ?? 0
      try VirtualHardware.vivid("inject_v4l2_buf_flag_error")
      try stage.until("a damaged picture to be counted") { stage.status.counters["framesDamaged"] ?? 0 > damaged }
      try Self.live(stage, ann)
      try Self.end(stage, ann)
    }
  }
}
