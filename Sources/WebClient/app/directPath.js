// The direct way between the two devices of a call, beside the one through the box: opened in the background, used while it carries,
// given up at the first sign that it does not, and tried again later. The caller alone begins attempts, so two never cross.
import { DirectPeer } from './directPeer.js';
import { post } from './request.js';
import { state } from './state.js';

const firstAfterMilliseconds = 1_000;
/** An attempt is over when it does not carry both ways within this. */
const patienceMilliseconds = 10_000;
const compareEveryMilliseconds = 500;
/** A picture smaller than the box's is waited for so long: a new connection begins with little and grows. */
const growMilliseconds = 5_000;
const listenEveryMilliseconds = 200;
const silenceMilliseconds = 600;
/** After the first failure in a row, the second and so on. */
const againAfterMilliseconds = [5_000, 15_000, 60_000, 300_000];
const provenMilliseconds = 60_000;

export class DirectPath {
  #call;
  #offers;
  #boxPeer;
  #onChange;
  #tracks = { audio: null, video: null };
  #peer = null;
  /** Of the present attempt, or the last. */
  #attempt = 0;
  #failures = 0;
  #timer = 0;
  #deadline = 0;
  /** The end of what is to be told: each waits for the one before it, so that they arrive in order. */
  #telling = Promise.resolve();
  #openedAt = 0;
  /** What had come on both ways at the last look, and how often in a row the direct one carried all that the other did. */
  #before = null;
  #agreed = 0;
  /** Packets of sound, and when there was one more. */
  #packets = 0;
  #heardAt = 0;

  /** The other device's sound and picture come this way: this is what to play, and nothing else. */
  receives = false;
  /** The other device says the same of ours: what goes through the box is for nobody. */
  isReceived = false;

  static get isPossible() {
    return typeof RTCRtpReceiver === 'function' && 'getStats' in RTCRtpReceiver.prototype;
  }

  /** `boxPeer()` gives the connection with the box; `onChange()`: `receives` or `isReceived` has changed. */
  constructor({ call, offers, tracks, boxPeer, onChange }) {
    this.#call = call;
    this.#offers = offers;
    this.#tracks = { ...tracks };
    this.#boxPeer = boxPeer;
    this.#onChange = onChange;
    if (offers) this.#timer = setTimeout(() => this.#begin(), firstAfterMilliseconds);
  }

  get peer() {
    return this.#peer;
  }

  /** Sends `track` (or nothing, for null) from now on. */
  setTrack(kind, track) {
    this.#tracks[kind] = track;
    this.#peer?.setTrack(kind, track);
  }

  /** The event `signal` of this call. */
  hear(signal) {
    if (signal.kind === 'offer') return this.#answer(signal);
    const peer = this.#peer;
    if (signal.attempt !== this.#attempt || !peer) return;
    if (signal.kind === 'answer' && this.#offers) peer.accept(signal.sdp).catch(() => this.#fail(peer));
    if (signal.kind === 'candidate') peer.add(signal);
    if (signal.kind === 'lost') this.#fail(peer, { isNews: false });
    if (signal.kind === 'receiving') {
      this.isReceived = true;
      this.#onChange();
    }
  }

  close() {
    clearTimeout(this.#timer);
    this.#drop();
  }

  // Both sides

  #open() {
    const attempt = this.#attempt;
    const peer = new DirectPeer({
      tracks: this.#tracks,
      onCandidate: (candidate) => this.#tell('candidate', candidate, attempt),
      onState: (now) => this.#watch(peer, now),
    });
    this.#peer = peer;
    this.#deadline = setTimeout(() => {
      if (!this.receives || !this.isReceived) this.#fail(peer);
    }, patienceMilliseconds);
    return peer;
  }

  async #begin() {
    this.#attempt += 1;
    const peer = this.#open();
    await this.#describe(peer, 'offer', peer.offer());
  }

  async #answer(signal) {
    if (this.#offers || signal.attempt <= this.#attempt) return;
    if (this.#peer) this.#drop();
    this.#attempt = signal.attempt;
    const peer = this.#open();
    await this.#describe(peer, 'answer', peer.answer(signal.sdp));
  }

  async #describe(peer, kind, made) {
    const attempt = this.#attempt;
    // In its place before any candidate. Why there is none is said below.
    this.#tell(kind, made.then((sdp) => ({ sdp })), attempt);
    try {
      await made;
    } catch (error) {
      console.warn(`no direct way: ${error.message}`);
      this.#fail(peer);
    }
  }

  /** `more`: members of the message, or the promise of them. */
  #tell(kind, more, attempt = this.#attempt) {
    const { device } = state;
    const before = this.#telling;
    this.#telling = Promise.all([more, before])
      .then(([members]) => post('/api/calls/signal', { device, call: this.#call, attempt, kind, ...members }))
      // What is not heard is as good as an attempt that fails.
      .catch(() => {});
  }

  #watch(peer, now) {
    if (peer !== this.#peer) return;
    if (['disconnected', 'failed', 'closed'].includes(now)) this.#fail(peer);
    if (now !== 'connected' || this.#openedAt) return;
    this.#openedAt = performance.now();
    this.#look(peer);
  }

  async #look(peer) {
    try {
      if (this.receives) this.#listen(await peer.soundPackets(), peer);
      else await this.#compare(peer);
    } catch {
      // Nothing can be said of it: the other device has described something else than a call.
      this.#fail(peer);
    }
    if (peer !== this.#peer) return;
    this.#timer = setTimeout(() => this.#look(peer), this.receives ? listenEveryMilliseconds : compareEveryMilliseconds);
  }

  // Whether it carries all that comes through the box. What is silent there may be silent here.
  async #compare(peer) {
    const [direct, box] = (await Promise.all([peer.statistics, this.#boxPeer()?.statistics])).map(received);
    if (peer !== this.#peer) return;
    const last = this.#before;
    this.#before = { direct, box };
    if (!last) return;
    const carries = (kind) => direct[kind] > last.direct[kind] || box[kind] <= last.box[kind];
    const grows = direct.height < box.height && performance.now() - this.#openedAt < growMilliseconds;
    this.#agreed = carries('audio') && carries('video') && !grows ? this.#agreed + 1 : 0;
    if (this.#agreed < 2) return;
    this.receives = true;
    this.#packets = 0;
    this.#onChange();
    this.#tell('receiving');
  }

  // Sound never pauses, not even a muted one; where there is none from the start, the connection's state has to tell.
  #listen(packets, peer) {
    const now = performance.now();
    if (packets !== this.#packets) {
      this.#packets = packets;
      this.#heardAt = now;
    } else if (packets > 0 && now - this.#heardAt > silenceMilliseconds) {
      this.#fail(peer);
    }
  }

  /** `isNews`: the other device does not know yet. */
  #fail(peer, { isNews = true } = {}) {
    if (peer !== this.#peer) return;
    if (this.receives && performance.now() - this.#openedAt > provenMilliseconds) this.#failures = 0;
    this.#drop();
    if (isNews) this.#tell('lost');
    if (!this.#offers) return;
    const after = againAfterMilliseconds[Math.min(this.#failures, againAfterMilliseconds.length - 1)];
    this.#failures += 1;
    this.#timer = setTimeout(() => this.#begin(), after);
  }

  // Back to the way through the box, at once.
  #drop() {
    clearTimeout(this.#timer);
    clearTimeout(this.#deadline);
    const peer = this.#peer;
    this.#peer = null;
    this.#openedAt = 0;
    this.#before = null;
    this.#agreed = 0;
    const wasUsed = this.receives || this.isReceived;
    this.receives = false;
    this.isReceived = false;
    if (wasUsed) this.#onChange();
    // Last, for its tracks end with it.
    peer?.close();
  }
}

/** How much of each kind has come by a report, and how high the picture is. */
function received(report) {
  const sums = { audio: 0, video: 0, height: 0 };
  for (const one of report?.values() ?? []) {
    if (one.type !== 'inbound-rtp') continue;
    if (one.kind === 'audio') sums.audio += one.packetsReceived ?? 0;
    if (one.kind === 'video') {
      sums.video += one.framesDecoded ?? 0;
      sums.height = Math.max(sums.height, one.frameHeight ?? 0);
    }
  }
  return sums;
}
