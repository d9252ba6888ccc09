// The microphone and camera of this device, for one call or room.
import { audioWish, sizeWish, videoWish } from './deviceChoice.js';

const wishes = { audio: audioWish, video: videoWish };
/** What of the choice means another track; the rest of it is the size of the picture. */
const reopens = { audio: ['audio', 'echo', 'noise', 'gain'], video: ['video', 'facing'] };
const sizes = ['height', 'rate'];

export class LocalMedia {
  #stopped = false;
  #onTrack;
  #onChange;
  #insecure = false;
  /** Why there is no track of a kind, as the browser names it. */
  #failures = { audio: null, video: null };
  /** Which opening of a kind is the latest: what an earlier one brings is too late. */
  #turns = { audio: 0, video: 0 };

  audio = null;
  video = null;
  microphoneOn = true;
  cameraOn = false;

  /** `onTrack(kind, track or null)`: what is to be sent; `onChange()`: something to show or to tell changed. */
  constructor({ onTrack, onChange }) {
    this.#onTrack = onTrack;
    this.#onChange = onChange;
  }

  /** Somebody else is told from now on. */
  listen({ onTrack, onChange }) {
    this.#onTrack = onTrack;
    this.#onChange = onChange;
  }

  /** These keys of the choice have changed: what runs is changed in place, or else opened anew. */
  async follow(keys) {
    const has = (some) => keys.some((key) => some.includes(key));
    const opened = Object.keys(reopens).filter((kind) => has(reopens[kind]));
    await Promise.all(opened.map((kind) => this.#reopen(kind)));
    if (has(sizes) && !opened.includes('video')) await this.#resize();
  }

  async #reopen(kind) {
    if (this.#insecure || (kind === 'video' && !this.cameraOn)) return;
    // Many phones have but one camera open at a time, and a microphone that is open keeps its echo cancellation.
    this[kind]?.stop();
    this[kind] = null;
    await this.#open(kind);
    if (!this[kind] && !this.#stopped) this.#onTrack(kind, null);
  }

  async #resize() {
    const track = this.video;
    if (!track) return;
    try {
      await track.applyConstraints(sizeWish());
    } catch {
      if (track === this.video) await this.#reopen('video');
    }
    this.#onChange();
  }

  /** A key of the words under `media.`, or null. */
  get problem() {
    if (this.#insecure) return 'insecure';
    const { audio, video } = this.#failures;
    if (audio === 'NotAllowedError' && !this.video) return 'denied';
    if (audio && video) return [audio, video].includes('NotReadableError') ? 'taken' : 'missing';
    if (audio) return 'noMicrophone';
    return video ? 'noCamera' : null;
  }

  /** What the other side gets of us. */
  get sends() {
    return { audio: this.microphoneOn && !this.#insecure && !this.#failures.audio, video: this.cameraOn };
  }

  /** Asks for what the call needs. Never throws: what cannot be had becomes `problem`, and the call goes on without. */
  async start({ video }) {
    this.cameraOn = video;
    if (!navigator.mediaDevices?.getUserMedia) {
      this.#insecure = true;
      this.cameraOn = false;
      return this.#onChange();
    }
    if (!video) await this.#open('audio');
    // With leave given before, sound need not wait for the slower camera; else one question is better than two.
    else if (granted.microphone && granted.camera) await this.#openEach();
    else await this.#openTogether();
  }

  async #openTogether() {
    const turns = { audio: (this.#turns.audio += 1), video: (this.#turns.video += 1) };
    const asked = JSON.stringify(sizeWish());
    try {
      this.#take(await navigator.mediaDevices.getUserMedia({ audio: audioWish(), video: videoWish() }), turns, asked);
    } catch (error) {
      // No to both, or one of them may be had.
      if (error.name === 'NotAllowedError' && !granted.microphone) this.#lack(['audio', 'video'], error.name);
      else await this.#openEach();
    }
  }

  async #openEach() {
    await Promise.all([this.#open('audio'), this.#open('video')]);
  }

  async #open(kind) {
    const turn = (this.#turns[kind] += 1);
    const asked = JSON.stringify(sizeWish());
    try {
      this.#take(await this.#ask(kind), { [kind]: turn }, asked);
    } catch (error) {
      if (turn === this.#turns[kind]) this.#lack([kind], error.name);
    }
  }

  async #ask(kind) {
    try {
      return await navigator.mediaDevices.getUserMedia({ [kind]: wishes[kind]() });
    } catch (error) {
      // What was chosen once may be unplugged today.
      if (!['OverconstrainedError', 'NotFoundError'].includes(error.name)) throw error;
      return await navigator.mediaDevices.getUserMedia({ [kind]: wishes[kind]({ any: true }) });
    }
  }

  #lack(kinds, reason) {
    if (this.#stopped) return;
    for (const kind of kinds) this.#failures[kind] = reason;
    if (!this.video && this.#failures.video) this.cameraOn = false;
    this.#onChange();
  }

  #take(stream, turns, asked) {
    for (const track of stream.getTracks()) {
      const { kind } = track;
      if (this.#stopped || turns[kind] !== this.#turns[kind] || (kind === 'video' && !this.cameraOn)) {
        track.stop();
        continue;
      }
      if (kind === 'audio') track.enabled = this.microphoneOn;
      this[kind]?.stop();
      this[kind] = track;
      this.#failures[kind] = null;
      track.onended = () => this.#lost(track);
      this.#onTrack(kind, track);
      // Another size was chosen while it was being opened.
      if (kind === 'video' && asked !== JSON.stringify(sizeWish())) this.#resize();
    }
    this.#onChange();
  }

  // Unplugged, or taken away in the browser's settings.
  #lost(track) {
    if (this[track.kind] !== track) return;
    this[track.kind] = null;
    this.#onTrack(track.kind, null);
    this.#lack([track.kind], 'NotFoundError');
  }

  /** Where there is none, on asks for it again. */
  setMicrophone(on) {
    this.microphoneOn = on;
    if (this.audio) this.audio.enabled = on;
    else if (on && !this.#insecure) this.#open('audio');
    this.#onChange();
  }

  /** Off lets go of the camera, so that its light goes out. */
  async setCamera(on) {
    if (this.#insecure) return;
    this.cameraOn = on;
    this.#failures.video = null;
    if (on) {
      if (!this.video) await this.#open('video');
    } else if (this.video) {
      const track = this.video;
      this.video = null;
      this.#onTrack('video', null);
      track.stop();
    }
    this.#onChange();
  }

  stop() {
    this.#stopped = true;
    for (const track of [this.audio, this.video]) track?.stop();
    this.audio = null;
    this.video = null;
  }
}

/** Whoever sees themselves expects a mirror; what the back camera sees is no mirror's picture. */
export function isMirrored(track) {
  return track?.getSettings().facingMode !== 'environment';
}

const granted = { microphone: false, camera: false };

/** Finds out ahead of a call what may be used without a question: asking then would cost the call its time. */
export async function watchPermissions() {
  for (const name of Object.keys(granted)) {
    try {
      const permission = await navigator.permissions.query({ name });
      const note = () => {
        granted[name] = permission.state === 'granted';
      };
      permission.onchange = note;
      note();
    } catch {
      // This browser does not tell.
    }
  }
}
