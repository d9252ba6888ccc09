// One call as this page lives it: the box's view of it, our connection for it, our microphone and camera in it.
import { DirectPath } from './directPath.js';
import { LocalMedia } from './localMedia.js';
import { MediaTeller } from './mediaTeller.js';
import { Peer } from './peer.js';
import { post } from './request.js';
import { changed, state } from './state.js';
import { Changing } from './streams.js';

const patienceMilliseconds = 4_000;
const reconnectEveryMilliseconds = 2_500;

export class Call {
  /** The box's view of the call: CallView of the protocol. Its id is null until the box has given one. */
  view;
  peer = null;
  media = null;
  /** The screen or window that is sent in place of the camera, or null. */
  screen = null;
  /** This page placed or accepted the call. */
  joined = false;
  /** Ended by a button of this page. */
  endedHere = false;
  /** `performance.now()` of the moment when it was connected, or null. */
  connectedSince = null;
  /** Milliseconds that it was connected, once it has ended. */
  length = null;
  #reconnectTimer = 0;
  /** The way past the box, in a connected call between two devices. */
  #direct = null;
  #shown = { audio: new Changing(), video: new Changing() };
  /** Sound and picture have flowed. */
  #wasUp = false;
  /** The box knows us in the call, so there is somebody to tell. */
  #isKnown = false;
  #teller = new MediaTeller({ sends: () => this.sends, say: (sends) => this.#say(sends) });

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
    return this.phase === 'connected' && this.#wasUp && !this.isDirect && this.peer?.state !== 'connected';
  }

  /** Takes a newer view. `clockOffset`: the box's wall clock minus ours, in milliseconds. */
  update(view, clockOffset) {
    this.view = view;
    if (this.connectedSince === null && Number.isFinite(view.connectedAt)) {
      const already = Math.max(0, Date.now() + clockOffset - view.connectedAt);
      this.connectedSince = performance.now() - already;
    }
    this.#openDirectPath();
  }

  get isDirect() {
    return this.#direct?.receives ?? false;
  }

  /** The connection that sound and picture come by. */
  get peerInUse() {
    return this.isDirect ? this.#direct.peer : this.peer;
  }

  /** The other side's sound and picture as streams, or null. */
  get sound() {
    return this.#shown.audio.stream;
  }

  get picture() {
    return this.#shown.video.stream;
  }

  get elapsed() {
    if (this.length !== null) return this.length;
    return this.connectedSince === null ? null : performance.now() - this.connectedSince;
  }

  /** Opens microphone and camera, and sends them as soon as they are there. */
  join({ video }) {
    this.joined = true;
    this.media = new LocalMedia({
      onTrack: (kind) => this.#send(kind),
      onChange: () => {
        if (this.#isKnown) this.tellMedia();
        changed();
      },
    });
    this.media.start({ video });
  }

  /** What is to be sent of a kind, or null. */
  outgoing(kind) {
    return (kind === 'video' ? this.screen : null) ?? this.media?.[kind] ?? null;
  }

  #send(kind) {
    const track = this.outgoing(kind);
    this.peer?.setTrack(kind, track);
    this.#direct?.setTrack(kind, track);
  }

  #openDirectPath() {
    const { state: now, with: other, direction, id } = this.view;
    if (this.#direct || now !== 'connected' || other.kind !== 'user' || !this.media || !DirectPath.isPossible) return;
    this.#direct = new DirectPath({
      call: id,
      offers: direction === 'outgoing',
      tracks: { audio: this.outgoing('audio'), video: this.outgoing('video') },
      boxPeer: () => this.peer,
      onChange: () => this.#choose(),
    });
  }

  /** The event `signal`: the other device about the direct way. */
  hear(signal) {
    this.#direct?.hear(signal);
  }

  // One way alone is played, both would be an echo; and what nobody plays is not sent.
  #choose() {
    for (const [kind, shown] of Object.entries(this.#shown)) shown.track = this.peerInUse?.track(kind) ?? null;
    if (this.peer) this.peer.sending = !this.#direct?.isReceived;
    changed();
  }

  /** A new offer replaces the connection that was there. */
  async take(offer) {
    const peer = new Peer({ onState: () => this.#watch(peer) });
    this.peer?.close();
    this.peer = peer;
    this.#choose();
    for (const kind of ['audio', 'video']) peer.setTrack(kind, this.outgoing(kind));
    try {
      const sdp = await peer.answer(offer.sdp);
      if (this.peer !== peer) return;
      this.#choose();
      const taken = post('/api/calls/answer', { device: state.device, call: offer.call, peer: offer.peer, sdp });
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

  /** Shows a screen or a window in place of the camera; null ends that, and the camera is back as it was. */
  setScreen(track) {
    this.screen?.stop();
    this.screen = track;
    if (track) track.onended = () => this.screen === track && this.setScreen(null);
    this.#send('video');
    if (this.#isKnown) this.tellMedia();
    changed();
  }

  /** What the other side gets of us. */
  get sends() {
    const { audio, video } = this.media.sends;
    return { audio, video: video || this.screen !== null, screen: this.screen !== null };
  }

  /** Tells the other side what it gets of us, if that is news. To be called once the box knows us in the call. */
  tellMedia() {
    if (!this.media || this.id === null) return;
    this.#isKnown = true;
    this.#teller.tell({ audio: true, video: this.view.video, screen: false });
  }

  async #say(sends) {
    try {
      await post('/api/calls/media', { device: state.device, call: this.id, ...sends });
    } catch (error) {
      // A call that is over wants to hear nothing.
      if (!['wrongState', 'notFound'].includes(error.code)) throw error;
    }
  }

  /** Lets go of everything; what is to be shown of the end stays. */
  finish(view) {
    this.length = this.elapsed;
    this.view = view;
    clearTimeout(this.#reconnectTimer);
    this.#direct?.close();
    this.#direct = null;
    this.peer?.close();
    this.peer = null;
    this.#choose();
    this.#teller.stop();
    this.screen?.stop();
    this.screen = null;
    this.media?.stop();
    this.media = null;
  }
}
