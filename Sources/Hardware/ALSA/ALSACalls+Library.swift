import CALSA
import Glibc
import Linux

extension ALSACalls {
  /// libasound itself.
  static let library = ALSACalls(
    open: { name, isCapture in
      fieldbox_alsa_keep_quiet()
      var pcm: OpaquePointer?
      let direction = isCapture ? SND_PCM_STREAM_CAPTURE : SND_PCM_STREAM_PLAYBACK
      let code = snd_pcm_open(&pcm, name, direction, SND_PCM_NONBLOCK)
      guard code >= 0, let pcm else { return .failure(SystemError("snd_pcm_open", code: -code, about: name)) }
      return .success(ALSAHandle(pcm))
    },
    configure: { ALSAParameters.set($0.pcm, $1) },
    close: { _ = snd_pcm_close($0.pcm) },
    prepare: { -min(0, snd_pcm_prepare($0.pcm)) },
    start: { -min(0, snd_pcm_start($0.pcm)) },
    resume: { -min(0, snd_pcm_resume($0.pcm)) },
    status: { handle in
      withUnsafeTemporaryAllocation(byteCount: snd_pcm_status_sizeof(), alignment: 16) { memory in
        memory.initializeMemory(as: UInt8.self, repeating: 0)
        guard let start = memory.baseAddress else {
          return .failure(SystemError("snd_pcm_status", code: ENOMEM))
        }
        let status = OpaquePointer(start)
        let code = snd_pcm_status(handle.pcm, status)
        guard code >= 0 else { return .failure(SystemError("snd_pcm_status", code: -code)) }
        var time = timespec()
        snd_pcm_status_get_htstamp(status, &time)
        let microseconds = Int64(time.tv_sec) &* 1_000_000 &+ Int64(time.tv_nsec) / 1_000
        return .success(
          ALSAStatus(
            state: ALSAState(snd_pcm_status_get_state(status)),
            available: Int(clamping: snd_pcm_status_get_avail(status)),
            delay: Int(snd_pcm_status_get_delay(status)),
            time: microseconds > 0 ? MonotonicTime(microseconds: microseconds) : nil))
      }
    },
    state: { ALSAState(snd_pcm_state($0.pcm)) },
    read: { Int(snd_pcm_readi($0.pcm, $1, snd_pcm_uframes_t(max(0, $2)))) },
    write: { Int(snd_pcm_writei($0.pcm, $1, snd_pcm_uframes_t(max(0, $2)))) },
    wait: { handle, other, milliseconds in
      let own = Int(max(0, min(16, snd_pcm_poll_descriptors_count(handle.pcm))))
      return withUnsafeTemporaryAllocation(of: pollfd.self, capacity: own + 1) { entries in
        entries.initialize(repeating: pollfd(fd: -1, events: 0, revents: 0))
        snd_pcm_poll_descriptors(handle.pcm, entries.baseAddress, UInt32(own))
        entries[own] = pollfd(fd: other, events: Int16(POLLIN), revents: 0)
        let count = poll(entries.baseAddress, nfds_t(entries.count), milliseconds)
        guard count >= 0 else { return .failure(SystemError("poll", code: errno)) }
        var events: UInt16 = 0
        // The library knows what the card's descriptors mean; a plug-in may use them in its own way.
        snd_pcm_poll_descriptors_revents(handle.pcm, entries.baseAddress, UInt32(own), &events)
        return .success(
          Woken(
            ready: Int32(events) & (POLLIN | POLLOUT) != 0, failed: Int32(events) & (POLLERR | POLLHUP | POLLNVAL) != 0,
            interrupted: entries[own].revents != 0))
      }
    },
    now: { .now() })
}

extension ALSAHandle {
  init(_ pcm: OpaquePointer) { self.init(address: UInt(bitPattern: pcm)) }
  var pcm: OpaquePointer? { OpaquePointer(bitPattern: address) }
}

extension ALSAState {
  init(_ state: snd_pcm_state_t) {
    switch state {
    case SND_PCM_STATE_PREPARED: self = .prepared
    case SND_PCM_STATE_RUNNING, SND_PCM_STATE_DRAINING: self = .running
    case SND_PCM_STATE_XRUN: self = .xrun
    case SND_PCM_STATE_SUSPENDED: self = .suspended
    case SND_PCM_STATE_DISCONNECTED: self = .disconnected
    default: self = .other
    }
  }
}
