import CALSA
import Glibc
import Linux

/// Sets up a PCM: what the hardware is to do, and when it is to wake us.
enum ALSAParameters {
  static func set(_ pcm: OpaquePointer?, _ request: ALSARequest) -> Result<ALSASetup, SystemError> {
    do throws(SystemError) {
      let setup = try setHardware(pcm, request)
      try setSoftware(pcm, request, setup)
      return .success(setup)
    } catch {
      return .failure(error)
    }
  }

  private static func setHardware(_ pcm: OpaquePointer?, _ request: ALSARequest) throws(SystemError) -> ALSASetup {
    var memory: OpaquePointer?
    try check("snd_pcm_hw_params_malloc", snd_pcm_hw_params_malloc(&memory))
    defer { snd_pcm_hw_params_free(memory) }
    try check("snd_pcm_hw_params_any", snd_pcm_hw_params_any(pcm, memory))
    try check(
      "snd_pcm_hw_params_set_access", snd_pcm_hw_params_set_access(pcm, memory, SND_PCM_ACCESS_RW_INTERLEAVED))
    try check("snd_pcm_hw_params_set_format", snd_pcm_hw_params_set_format(pcm, memory, ALSAFormat.samples))
    try check(
      "snd_pcm_hw_params_set_rate", snd_pcm_hw_params_set_rate(pcm, memory, UInt32(SoundFormat.sampleRate), 0))
    // One channel where the card has that, else two, else as few as it has.
    var channels: UInt32 = snd_pcm_hw_params_test_channels(pcm, memory, 1) == 0 ? 1 : 2
    try check("snd_pcm_hw_params_set_channels", snd_pcm_hw_params_set_channels_near(pcm, memory, &channels))
    var period = snd_pcm_uframes_t(request.period)
    try check("snd_pcm_hw_params_set_period_size", snd_pcm_hw_params_set_period_size_near(pcm, memory, &period, nil))
    var buffer = snd_pcm_uframes_t(request.buffer)
    try check("snd_pcm_hw_params_set_buffer_size", snd_pcm_hw_params_set_buffer_size_near(pcm, memory, &buffer))
    try check("snd_pcm_hw_params", snd_pcm_hw_params(pcm, memory))
    snd_pcm_hw_params_get_period_size(memory, &period, nil)
    snd_pcm_hw_params_get_buffer_size(memory, &buffer)
    return ALSASetup(
      channels: Int(clamping: channels), period: Int(clamping: period), buffer: Int(clamping: buffer))
  }

  private static func setSoftware(
    _ pcm: OpaquePointer?, _ request: ALSARequest, _ setup: ALSASetup
  ) throws(SystemError) {
    var memory: OpaquePointer?
    try check("snd_pcm_sw_params_malloc", snd_pcm_sw_params_malloc(&memory))
    defer { snd_pcm_sw_params_free(memory) }
    try check("snd_pcm_sw_params_current", snd_pcm_sw_params_current(pcm, memory))
    // Playback is told by how much room there is.
    let wake = request.isCapture ? setup.portion : max(1, setup.buffer - setup.lead)
    try check(
      "snd_pcm_sw_params_set_avail_min", snd_pcm_sw_params_set_avail_min(pcm, memory, snd_pcm_uframes_t(wake)))
    // Nothing starts by itself.
    var boundary: snd_pcm_uframes_t = 0
    try check("snd_pcm_sw_params_get_boundary", snd_pcm_sw_params_get_boundary(memory, &boundary))
    try check("snd_pcm_sw_params_set_start_threshold", snd_pcm_sw_params_set_start_threshold(pcm, memory, boundary))
    // A driver without these times is no fault: then we take our own.
    snd_pcm_sw_params_set_tstamp_mode(pcm, memory, SND_PCM_TSTAMP_ENABLE)
    snd_pcm_sw_params_set_tstamp_type(pcm, memory, SND_PCM_TSTAMP_TYPE_MONOTONIC)
    try check("snd_pcm_sw_params", snd_pcm_sw_params(pcm, memory))
  }

  private static func check(_ call: String, _ code: Int32) throws(SystemError) {
    if code < 0 { throw SystemError(call, code: -code) }
  }
}

private enum ALSAFormat {
  /// 16 bits in the machine's own byte order.
  static let samples = 1.littleEndian == 1 ? SND_PCM_FORMAT_S16_LE : SND_PCM_FORMAT_S16_BE
}
