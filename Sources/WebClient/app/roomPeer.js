// The one connection of a seat in a room: takes the box's offers, one after the other, and sorts what comes by its section.
import { Connection, replace } from './connection.js';

/** What the camera is sent in where the box takes several sizes: the name of each layer, half as large as the one above, and its rate. */
const layers = {
  h: { scaleResolutionDownBy: 1, maxBitrate: 1_200_000 },
  m: { scaleResolutionDownBy: 2, maxBitrate: 400_000 },
  l: { scaleResolutionDownBy: 4, maxBitrate: 130_000 },
};

/** What is shown smaller is often shown larger again soon, and a layer that begins costs a key frame. */
const spareAfterMilliseconds = 3_000;

export class RoomPeer extends Connection {
  #tracks = { audio: null, video: null, screen: null };
  #screenMid = null;
  #sounds = new Map();
  #onState;
  #queue = Promise.resolve();
  #shown = null;
  #fitted = '';
  #timer = 0;

  /** `name`: the box's for this connection; `onState()`: its state or what comes in it has changed. */
  constructor(name, onState) {
    super();
    this.name = name;
    this.#onState = onState;
    this.connection.onconnectionstatechange = () => this.#onState?.();
  }

  /** Takes an offer and returns the answer. Offers wait for each other: the box may send the next before this one is done. */
  answer(sdp, screenMid) {
    return this.#next(() => this.#answer(sdp, screenMid));
  }

  #next(work) {
    const done = this.#queue.then(work);
    this.#queue = done.catch(() => {});
    return done;
  }

  /** The camera goes out no larger than anybody shows it: `height` in pixels, 0 for nobody, null for as large as it comes. */
  fit(height) {
    const wanted = `${height} ${this.#size}`;
    if (wanted === this.#fitted) return;
    this.#fitted = wanted;
    this.#shown = height;
    this.#next(() => this.#setLayers(false));
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#next(() => this.#setLayers(true)), spareAfterMilliseconds);
  }

  // A phone held upright may send what it films on its side.
  get #size() {
    const { width = 0, height = 0 } = this.#tracks.video?.getSettings() ?? {};
    return Math.min(width, height);
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
    }
    await this.#setLayers(false);
    await this.connection.setLocalDescription();
    this.#onState?.();
    return this.connection.localDescription.sdp;
  }

  /** `spares`: what nobody needs is not sent any more. */
  async #setLayers(spares) {
    const sender = this.transceiver('video')?.sender;
    const parameters = sender?.getParameters();
    if ((parameters?.encodings?.length ?? 0) < 2) return;
    for (const encoding of parameters.encodings) {
      const layer = layers[encoding.rid];
      if (!layer) continue;
      const below = this.#size / layer.scaleResolutionDownBy / 2;
      const isNeeded = encoding.rid === 'l' || this.#shown === null || below < this.#shown;
      Object.assign(encoding, layer, { active: isNeeded || (!spares && encoding.active) });
    }
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
    clearTimeout(this.#timer);
    super.close();
  }
}
