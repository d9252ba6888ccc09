// One RTCPeerConnection with the box: takes its offer, answers at once, and carries our tracks when they come.
import { Connection, configuration, replace } from './connection.js';

let spare = null;

/** Keeps one idle connection ready, its certificate made, so that an offer is answered without that delay. */
export function warmUp() {
  spare ??= new RTCPeerConnection(configuration);
}

function take() {
  const taken = spare ?? new RTCPeerConnection(configuration);
  spare = null;
  return taken;
}

export class Peer extends Connection {
  /** For the statistics. */
  way = 'box';
  #tracks = { audio: null, video: null };
  #sending = true;
  #onState;

  /** The box's sound and picture, each by itself: kept apart, neither waits for the other. Null before the offer. */
  audio = null;
  video = null;

  /** `onState(state)` with the connection's state, as long as it is open. */
  constructor({ onState }) {
    super(take());
    this.#onState = onState;
    this.connection.onconnectionstatechange = () => this.#onState?.(this.connection.connectionState);
  }

  /** Takes the offer and returns the answer. It names no candidates: the box learns our address from our checks. */
  async answer(sdp) {
    await this.connection.setRemoteDescription({ type: 'offer', sdp });
    for (const transceiver of this.connection.getTransceivers()) {
      const { kind } = transceiver.receiver.track;
      // We may send later without negotiating again.
      transceiver.direction = 'sendrecv';
      if ('jitterBufferTarget' in transceiver.receiver) transceiver.receiver.jitterBufferTarget = 0;
      this[kind] ??= new MediaStream([transceiver.receiver.track]);
      if (this.#sending && this.#tracks[kind]) replace(transceiver.sender, this.#tracks[kind]);
    }
    await this.connection.setLocalDescription();
    return this.connection.localDescription.sdp;
  }

  /** Sends `track` (or nothing, for null) from now on. */
  setTrack(kind, track) {
    this.#tracks[kind] = track;
    if (this.#sending) this.#send(kind, track);
  }

  /** False: nothing is sent until it is true again, though the tracks stay known. */
  set sending(on) {
    if (on === this.#sending) return;
    this.#sending = on;
    for (const [kind, track] of Object.entries(this.#tracks)) this.#send(kind, on ? track : null);
  }

  /** What comes from the box, or null. */
  track(kind) {
    return this[kind]?.getTracks()[0] ?? null;
  }

  #send(kind, track) {
    replace(this.transceiver(kind)?.sender, track);
  }

  close() {
    this.#onState = null;
    super.close();
    for (const stream of [this.audio, this.video]) for (const track of stream?.getTracks() ?? []) track.stop();
  }
}
