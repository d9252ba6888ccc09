// The microphone and camera of this device, for one call or room.

const care = { echoCancellation: true, noiseSuppression: true, autoGainControl: true };
const usual = { audio: '', video: '', facing: 'user', height: 480, rate: 30 };

export class LocalMedia {
  #stopped = false;
  #onTrack;
  #onChange;
  /** Which devices, and how much of the camera: `{audio, video, facing, height, rate}`; empty ids leave it to the browser. */
  #choice;

  #insecure = false;
  /** Why there is no track of a kind, as the browser names it. */
  #failures = { audio: null, video: null };

  audio = null;
  video = null;
  microphoneOn = true;
  cameraOn = false;

  /** `onTrack(kind, track or null)`: what is to be sent; `onChange()`: something to show or to tell changed. */
  constructor({ onTrack, onChange, choice = usual }) {
    this.#onTrack = onTrack;
    this.#onChange = onChange;
    this.#choice = choice;
  }

  /** Somebody else is told from now on. */
  listen({ onTrack, onChange }) {
    this.#onTrack = onTrack;
    this.#onChange = onChange;
  }

  get #audioWish() {
    const { audio } = this.#choice;
    return audio ? { ...care, deviceId: { exact: audio } } : care;
  }

  get #videoWish() {
    const { video, facing, height, rate } = this.#choice;
    const which = video ? { deviceId: { exact: video } } : { facingMode: facing };
    const width = Math.round((height * 4) / 3);
    return { ...which, width: { ideal: width }, height: { ideal: height }, frameRate: { ideal: rate, max: rate } };
  }

  /** The choice has changed: what runs is opened anew. */
  async reopen(kind) {
    if (this.#insecure) return;
    if (kind === 'audio') await this.#open({ audio: this.#audioWish });
    else if (this.cameraOn) {
      // Many phones have but one camera open at a time.
      this.video?.stop();
      this.video = null;
      await this.#open({ video: this.#videoWish });
    }
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
    if (!video) await this.#open({ audio: this.#audioWish });
    // With leave given before, sound need not wait for the slower camera; else one question is better than two.
    else if (granted.microphone && granted.camera) await this.#openEach();
    else await this.#openTogether();
  }

  async #openTogether() {
    try {
      this.#take(await navigator.mediaDevices.getUserMedia({ audio: this.#audioWish, video: this.#videoWish }));
    } catch (error) {
      // No to both, or one of them may be had.
      if (error.name === 'NotAllowedError' && !granted.microphone) this.#lack(['audio', 'video'], error.name);
      else await this.#openEach();
    }
  }

  async #openEach() {
    await Promise.all([this.#open({ audio: this.#audioWish }), this.#open({ video: this.#videoWish })]);
  }

  async #open(wish) {
    try {
      this.#take(await navigator.mediaDevices.getUserMedia(wish));
    } catch (error) {
      this.#lack([wish.audio ? 'audio' : 'video'], error.name);
    }
  }

  #lack(kinds, reason) {
    if (this.#stopped) return;
    for (const kind of kinds) this.#failures[kind] = reason;
    if (!this.video && this.#failures.video) this.cameraOn = false;
    this.#onChange();
  }

  #take(stream) {
    for (const track of stream.getTracks()) {
      if (this.#stopped || (track.kind === 'video' && !this.cameraOn)) {
        track.stop();
        continue;
      }
      if (track.kind === 'audio') track.enabled = this.microphoneOn;
      // Of two that were asked for in haste, one is enough.
      this[track.kind]?.stop();
      this[track.kind] = track;
      this.#failures[track.kind] = null;
      track.onended = () => this.#lost(track);
      this.#onTrack(track.kind, track);
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
    else if (on && !this.#insecure) this.#open({ audio: this.#audioWish });
    this.#onChange();
  }

  /** Off lets go of the camera, so that its light goes out. */
  async setCamera(on) {
    if (this.#insecure) return;
    this.cameraOn = on;
    this.#failures.video = null;
    if (on) {
      if (!this.video) await this.#open({ video: this.#videoWish });
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
