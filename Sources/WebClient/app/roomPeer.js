// The one connection of a seat in a room: takes the box's offers, one after the other, and sorts what comes by its section.
import { Connection, replace } from './connection.js';

/** What the camera is sent in where the box takes several sizes: the name of each layer, and its share and rate. */
const layers = {
  h: { scaleResolutionDownBy: 1, maxBitrate: 1_200_000 },
  m: { scaleResolutionDownBy: 2, maxBitrate: 400_000 },
  l: { scaleResolutionDownBy: 4, maxBitrate: 130_000 },
};

export class RoomPeer extends Connection {
  #tracks = { audio: null, video: null, screen: null };
  #screenMid = null;
  #sounds = new Map();
  #onState;
  #queue = Promise.resolve();

  /** `name`: the box's for this connection; `onState()`: its state or what comes in it has changed. */
  constructor(name, onState) {
    super();
    this.name = name;
    this.#onState = onState;
    this.connection.onconnectionstatechange = () => this.#onState?.();
  }

  /** Takes an offer and returns the answer. Offers wait for each other: the box may send the next before this one is done. */
  answer(sdp, screenMid) {
    const done = this.#queue.then(() => this.#answer(sdp, screenMid));
    this.#queue = done.catch(() => {});
    return done;
  }

  async #answer(sdp, screenMid) {
    this.#screenMid = screenMid;
    await this.connection.setRemoteDescription({ type: 'offer', sdp });
    const firsts = new Set();
    for (const transceiver of this.connection.getTransceivers()) {
      const { kind } = transceiver.receiver.track;
      const isFirst = !firsts.has(kind);
      firsts.add(kind);
      if ('jitterBufferTarget' in transceiver.receiver) transceiver.receiver.jitterBufferTarget = 0;
      // We may send later without negotiating again.
      if (isFirst) transceiver.direction = 'sendrecv';
      else if (transceiver.mid === screenMid) transceiver.direction = 'sendonly';
      if (kind === 'audio' && !this.#sounds.has(transceiver.mid)) {
        this.#sounds.set(transceiver.mid, new MediaStream([transceiver.receiver.track]));
      }
      const role = isFirst ? kind : transceiver.mid === screenMid ? 'screen' : null;
      if (role && this.#tracks[role]) await transceiver.sender.replaceTrack(this.#tracks[role]);
      if (role === 'video') await this.#setLayers(transceiver.sender);
    }
    await this.connection.setLocalDescription();
    this.#onState?.();
    return this.connection.localDescription.sdp;
  }

  async #setLayers(sender) {
    const parameters = sender.getParameters();
    if ((parameters.encodings?.length ?? 0) < 2) return;
    for (const encoding of parameters.encodings) Object.assign(encoding, layers[encoding.rid] ?? {});
    await sender.setParameters(parameters).catch((error) => console.warn(`layers: ${error.message}`));
  }

  /** Sends `track`, or nothing for null, as `audio`, `video` or `screen` from now on. */
  setTrack(role, track) {
    this.#tracks[role] = track;
    const isScreen = (one) => one.mid !== null && one.mid === this.#screenMid;
    const wanted = role === 'screen' ? this.connection.getTransceivers().find(isScreen) : this.transceiver(role);
    replace(wanted?.sender, track);
  }

  /** One stream for each section of sound. */
  get sounds() {
    return Array.from(this.#sounds.values());
  }

  /** The picture that comes in a section. */
  track(mid) {
    return this.connection.getTransceivers().find((one) => one.mid === mid)?.receiver.track ?? null;
  }

  close() {
    this.#onState = null;
    this.connection.close();
  }
}
