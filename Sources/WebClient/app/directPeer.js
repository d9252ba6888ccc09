// One RTCPeerConnection straight to the other device of a call: one attempt at the direct way.
import { Connection, replace } from './connection.js';

export class DirectPeer extends Connection {
  /** For the statistics. */
  way = 'direct';
  #tracks;
  #onState;
  #onCandidate;

  /** `tracks`: `{audio, video}`, what is sent at first. `onCandidate({candidate, mid})`, `onState(state)` as long as it is open. */
  constructor({ tracks, onCandidate, onState }) {
    super();
    this.#tracks = { ...tracks };
    this.#onState = onState;
    this.#onCandidate = onCandidate;
    this.connection.onconnectionstatechange = () => this.#onState?.(this.connection.connectionState);
    this.connection.onicecandidate = ({ candidate }) => {
      // Two browsers never meet over TCP: neither of them listens.
      if (!candidate?.candidate || candidate.protocol === 'tcp') return;
      this.#onCandidate?.({ candidate: candidate.candidate, mid: candidate.sdpMid });
    };
  }

  /** What comes from the other device, or null. */
  track(kind) {
    return this.transceiver(kind)?.receiver.track ?? null;
  }

  /** Packets of sound that have come. */
  async soundPackets() {
    const report = await this.statisticsOf(this.transceiver('audio').receiver);
    for (const one of report.values()) if (one.type === 'inbound-rtp') return one.packetsReceived ?? 0;
    return 0;
  }

  /** Both kinds always have their section, so that nothing is negotiated again when a camera or a screen comes or goes. */
  async offer() {
    for (const kind of ['audio', 'video']) this.connection.addTransceiver(kind, { direction: 'sendrecv' });
    return this.#describe();
  }

  async answer(sdp) {
    await this.connection.setRemoteDescription({ type: 'offer', sdp });
    for (const transceiver of this.connection.getTransceivers()) transceiver.direction = 'sendrecv';
    return this.#describe();
  }

  async #describe() {
    for (const transceiver of this.connection.getTransceivers()) {
      const { receiver, sender } = transceiver;
      if ('jitterBufferTarget' in receiver) receiver.jitterBufferTarget = 0;
      replace(sender, this.#tracks[receiver.track.kind]);
    }
    await this.connection.setLocalDescription();
    return this.connection.localDescription.sdp;
  }

  async accept(sdp) {
    await this.connection.setRemoteDescription({ type: 'answer', sdp });
  }

  /** An address that this browser cannot use is no loss. */
  add({ candidate, mid }) {
    this.connection.addIceCandidate({ candidate, sdpMid: mid }).catch(() => {});
  }

  /** Sends `track` (or nothing, for null) from now on. */
  setTrack(kind, track) {
    this.#tracks[kind] = track;
    replace(this.transceiver(kind)?.sender, track);
  }

  close() {
    this.#onState = null;
    this.#onCandidate = null;
    super.close();
  }
}
