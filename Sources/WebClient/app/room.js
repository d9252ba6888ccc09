// The room that this page is in: the box's view of it, our connection, our microphone, camera and screen in it.
import { errorWords } from './errorWords.js';
import { LocalMedia } from './localMedia.js';
import { MediaTeller } from './mediaTeller.js';
import { notify } from './notices.js';
import { post } from './request.js';
import { RoomPeer } from './roomPeer.js';
import { changed, state } from './state.js';

const patienceMilliseconds = 4_000;
const reconnectEveryMilliseconds = 2_500;

export class Room {
  /** RoomView of the protocol. */
  view;
  peer = null;
  media;
  screen = null;
  /** Seats that speak, whoever began last first. */
  speaking = [];
  /** Lines of the chat by their number. */
  lines = new Map();
  unread = 0;
  #timer = 0;
  #teller = new MediaTeller({
    sends: () => ({ ...this.media.sends, screen: this.screen !== null }),
    say: (sends) => this.#say(sends),
  });
  #layout = '';
  #layoutTimer = 0;
  /** `performance.now()` of the moment when this page came in. */
  joinedAt = performance.now();

  /** `media`: the microphone and camera that the lobby opened. */
  constructor(view, media) {
    this.view = view;
    this.media = media;
  }

  get id() {
    return this.view.id;
  }

  get me() {
    return this.view.seats.find((seat) => seat.id === this.view.mine) ?? null;
  }

  get others() {
    return this.view.seats.filter((seat) => seat.id !== this.view.mine);
  }

  get broken() {
    return this.peer !== null && ['disconnected', 'failed'].includes(this.peer.state);
  }

  /** Wires the media of the lobby to this room. */
  adopt() {
    this.media.listen({
      onTrack: (kind, track) => this.peer?.setTrack(kind, track),
      onChange: () => {
        this.tell();
        this.#fit();
        changed();
      },
    });
  }

  /** What the box tells of it. */
  update(view) {
    this.view = view;
    this.#fit();
  }

  #fit() {
    this.peer?.fit(this.view.shownHeight ?? null);
  }

  /** The section in which the picture of a seat, or of its screen, comes; or null. */
  section(seat, screen) {
    return this.view.tracks.find((one) => one.seat === seat && one.screen === screen)?.mid ?? null;
  }

  /** The picture of a seat, or of its screen. */
  picture(seat, screen) {
    const mid = this.section(seat, screen);
    return mid === null ? null : (this.peer?.track(mid) ?? null);
  }

  /** An offer of the box: for the connection that stands, or for a new one. */
  async take(offer) {
    if (this.peer?.name !== offer.peer) {
      this.peer?.close();
      const peer = new RoomPeer(offer.peer, () => this.#watch(peer));
      this.peer = peer;
      for (const kind of ['audio', 'video']) if (this.media[kind]) peer.setTrack(kind, this.media[kind]);
      if (this.screen) peer.setTrack('screen', this.screen);
      this.#fit();
    }
    const { peer } = this;
    try {
      const sdp = await peer.answer(offer.sdp, this.view.screenMid ?? null);
      if (this.peer !== peer) return;
      await post('/api/rooms/answer', { device: state.device, room: this.id, peer: offer.peer, sdp });
      changed();
    } catch (error) {
      if (this.peer !== peer) return;
      console.warn(`answer not taken: ${error.message}`);
      this.#reconnectLater(reconnectEveryMilliseconds);
    }
  }

  #watch(peer) {
    if (peer !== this.peer) return;
    clearTimeout(this.#timer);
    if (peer.state === 'failed') this.reconnect();
    else if (peer.state === 'disconnected') this.#reconnectLater(patienceMilliseconds);
    changed();
  }

  #reconnectLater(milliseconds) {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.reconnect(), milliseconds);
  }

  // Asks for a new connection until one comes: what brings it also ends this.
  reconnect() {
    clearTimeout(this.#timer);
    if (!state.device) return;
    post('/api/rooms/reconnect', { device: state.device, room: this.id }).catch(() => {});
    this.#reconnectLater(reconnectEveryMilliseconds);
  }

  resume() {
    if (this.broken) this.reconnect();
  }

  /** Tells the others what they get of us, if that is news. */
  tell() {
    const { audio, video, screen } = this.me ?? {};
    this.#teller.tell({ audio, video, screen });
  }

  async #say(sends) {
    try {
      await post('/api/rooms/media', { device: state.device, room: this.id, ...sends });
    } catch (error) {
      if (error.code !== 'full') throw error;
      // As many send as may: nobody gets what we send.
      this.media.setMicrophone(false);
      this.media.setCamera(false);
      if (this.screen) this.setScreen(null);
      notify(errorWords(error));
    }
  }

  /** Shows a screen or a window to the others; null ends that. */
  setScreen(track) {
    this.screen?.stop();
    this.screen = track;
    this.peer?.setTrack('screen', track);
    if (track) track.onended = () => this.screen === track && this.setScreen(null);
    this.tell();
    changed();
  }

  /** Says how large each picture is shown: `tiles` as in the protocol. Once for all changes of a moment. */
  setLayout(tiles) {
    const text = JSON.stringify(tiles);
    if (text === this.#layout) return;
    this.#layout = text;
    clearTimeout(this.#layoutTimer);
    this.#layoutTimer = setTimeout(() => {
      post('/api/rooms/layout', { device: state.device, room: this.id, tiles }).catch(() => {
        this.#layout = '';
      });
    }, 200);
  }

  /** Fetches the lines of chat that this page does not have. */
  async readChat() {
    const after = Math.max(0, ...this.lines.keys());
    try {
      const { lines } = await post('/api/rooms/history', { device: state.device, room: this.id, after });
      for (const line of lines) this.lines.set(line.number, line);
      changed();
    } catch {
      // The next line brings another try.
    }
  }

  chatCame(line, isShown) {
    if (this.lines.has(line.number)) return;
    const last = Math.max(0, ...this.lines.keys());
    this.lines.set(line.number, line);
    if (line.number > last + 1) this.readChat();
    if (line.kind === 'text' && !isShown && line.user !== state.me?.id) this.unread += 1;
  }

  finish() {
    this.#teller.stop();
    clearTimeout(this.#timer);
    clearTimeout(this.#layoutTimer);
    this.peer?.close();
    this.peer = null;
    this.screen?.stop();
    this.screen = null;
    this.media.stop();
  }
}

/** Microphone and camera for a lobby. */
export function openMedia(onChange) {
  const media = new LocalMedia({ onTrack: () => {}, onChange });
  media.start({ video: true });
  return media;
}
