// One call as this page lives it: the box's view of it, our connection for it, our microphone and camera in it.
import { LocalMedia } from './localMedia.js';
import { Peer } from './peer.js';
import { post } from './request.js';
import { changed, state } from './state.js';

const patienceMilliseconds = 4_000;
const reconnectEveryMilliseconds = 2_500;

export class Call {
  /** The box's view of the call: CallView of the protocol. Its id is null until the box has given one. */
  view;
  peer = null;
  media = null;
  /** This page placed or accepted the call. */
  joined = false;
  /** Ended by a button of this page. */
  endedHere = false;
  /** `performance.now()` of the moment when it was connected, or null. */
  connectedSince = null;
  /** Milliseconds that it was connected, once it has ended. */
  length = null;
  #reconnectTimer = 0;
  /** Sound and picture have flowed. */
  #wasUp = false;
  /** What the other side was told last that it gets of us; null before the box knows us in the call. */
  #told = null;
  #telling = false;

  constructor(view) {
    this.view = view;
  }

  get id() {
    return this.view.id;
  }

  /** What to show: `ringing`, `calling`, `connecting`, `connected`, `ended`. */
  get phase() {
    const now = this.view.state;
    if (now === 'ended' || now === 'connected' || now === 'connecting') return now;
    if (this.view.direction === 'outgoing') return 'calling';
    return this.joined ? 'connecting' : 'ringing';
  }

  get broken() {
    return this.phase === 'connected' && this.#wasUp && this.peer?.state !== 'connected';
  }

  /** Takes a newer view. `clockOffset`: the box's wall clock minus ours, in milliseconds. */
  update(view, clockOffset) {
    this.view = view;
    if (this.connectedSince === null && Number.isFinite(view.connectedAt)) {
      const already = Math.max(0, Date.now() + clockOffset - view.connectedAt);
      this.connectedSince = performance.now() - already;
    }
  }

  get elapsed() {
    if (this.length !== null) return this.length;
    return this.connectedSince === null ? null : performance.now() - this.connectedSince;
  }

  /** Opens microphone and camera, and sends them as soon as they are there. */
  join({ video }) {
    this.joined = true;
    this.media = new LocalMedia({
      onTrack: (kind, track) => this.peer?.setTrack(kind, track),
      onChange: () => {
        if (this.#told) this.tellMedia();
        changed();
      },
    });
    this.media.start({ video });
  }

  /** A new offer replaces the connection that was there. */
  async take(offer) {
    const peer = new Peer({ onState: () => this.#watch(peer) });
    this.peer?.close();
    this.peer = peer;
    for (const kind of ['audio', 'video']) if (this.media?.[kind]) peer.setTrack(kind, this.media[kind]);
    try {
      const sdp = await peer.answer(offer.sdp);
      if (this.peer !== peer) return;
      const taken = post('/api/calls/answer', { device: state.device, call: offer.call, peer: offer.peer, sdp });
      changed();
      await taken;
    } catch (error) {
      if (this.peer !== peer || this.view.state === 'ended') return;
      console.warn(`answer not taken: ${error.message}`);
      this.#reconnectLater(reconnectEveryMilliseconds);
    }
  }

  #watch(peer) {
    if (peer !== this.peer) return;
    clearTimeout(this.#reconnectTimer);
    if (peer.state === 'connected') this.#wasUp = true;
    else if (peer.state === 'failed') this.#reconnect();
    else if (peer.state === 'disconnected') this.#reconnectLater(patienceMilliseconds);
    changed();
  }

  #reconnectLater(milliseconds) {
    clearTimeout(this.#reconnectTimer);
    this.#reconnectTimer = setTimeout(() => this.#reconnect(), milliseconds);
  }

  // Asks for a new offer until one comes: what brings it also replaces the peer, which ends this.
  #reconnect() {
    clearTimeout(this.#reconnectTimer);
    if (!this.joined || this.view.state === 'ended' || !state.device) return;
    post('/api/calls/reconnect', { device: state.device, call: this.id }).catch(() => {});
    this.#reconnectLater(reconnectEveryMilliseconds);
  }

  /** The way to the box is back: no need to wait any longer. */
  resume() {
    if (this.phase === 'connected' && ['disconnected', 'failed'].includes(this.peer?.state)) this.#reconnect();
  }

  setMicrophone(on) {
    this.media?.setMicrophone(on);
  }

  setCamera(on) {
    this.media?.setCamera(on);
  }

  /** Tells the other side what it gets of us, if that is news. To be called once the box knows us in the call. */
  async tellMedia() {
    if (!this.media || this.id === null) return;
    this.#told ??= { audio: true, video: this.view.video };
    if (this.#telling) return;
    this.#telling = true;
    // One after the other: two on the way at once may arrive the other way round.
    while (this.media) {
      const before = this.#told;
      const { audio, video } = this.media.sends;
      if (audio === before.audio && video === before.video) break;
      this.#told = { audio, video };
      try {
        await post('/api/calls/media', { device: state.device, call: this.id, audio, video });
      } catch {
        // Said with the next change.
        this.#told = before;
        break;
      }
    }
    this.#telling = false;
  }

  /** Lets go of everything; what is to be shown of the end stays. */
  finish(view) {
    this.length = this.elapsed;
    this.view = view;
    clearTimeout(this.#reconnectTimer);
    this.peer?.close();
    this.peer = null;
    this.media?.stop();
    this.media = null;
  }
}
