// The microphone and camera of this device, for one call.

const audioWish = { echoCancellation: true, noiseSuppression: true, autoGainControl: true };
const videoWish = {
  width: { ideal: 640 },
  height: { ideal: 480 },
  frameRate: { ideal: 30, max: 30 },
  facingMode: 'user',
};

export class LocalMedia {
  #stopped = false;
  #onTrack;
  #onChange;

  audio = null;
  video = null;
  microphoneOn = true;
  cameraOn = false;
  /** A key of the words under `media.`, or null. */
  problem = null;

  /** `onTrack(kind, track or null)`: what is to be sent; `onChange()`: something to show changed. */
  constructor({ onTrack, onChange }) {
    this.#onTrack = onTrack;
    this.#onChange = onChange;
  }

  /** Asks for what the call needs. Never throws: what cannot be had becomes `problem`, and the call goes on without. */
  async start({ video }) {
    this.cameraOn = video;
    if (!navigator.mediaDevices?.getUserMedia) return this.#report('insecure');
    if (!video) await this.#open({ audio: audioWish });
    // With leave given before, sound need not wait for the slower camera; else one question is better than two.
    else if (granted.microphone && granted.camera) await Promise.all([this.#open({ audio: audioWish }), this.#open({ video: videoWish })]);
    else await this.#openTogether();
  }

  async #openTogether() {
    try {
      this.#take(await navigator.mediaDevices.getUserMedia({ audio: audioWish, video: videoWish }));
    } catch (error) {
      if (this.#stopped) return;
      if (error.name === 'NotAllowedError') this.#report('denied');
      else await Promise.all([this.#open({ audio: audioWish }), this.#open({ video: videoWish })]);
    }
  }

  async #open(wish) {
    try {
      this.#take(await navigator.mediaDevices.getUserMedia(wish));
    } catch (error) {
      if (!this.#stopped) this.#lack(wish.audio ? 'audio' : 'video', error.name);
    }
  }

  #lack(kind, name) {
    if (kind === 'video') this.cameraOn = false;
    const both = this.problem !== null;
    if (name === 'NotAllowedError' && (kind === 'audio' || both)) this.#report('denied');
    else if (both) this.#report(name === 'NotReadableError' ? 'taken' : 'missing');
    else this.#report(kind === 'audio' ? 'noMicrophone' : 'noCamera');
  }

  #report(problem) {
    if (this.#stopped) return;
    this.problem = problem;
    if (!this.video) this.cameraOn = false;
    this.#onChange();
  }

  #take(stream) {
    for (const track of stream.getTracks()) {
      if (this.#stopped || (track.kind === 'video' && !this.cameraOn)) {
        track.stop();
        continue;
      }
      if (track.kind === 'audio') track.enabled = this.microphoneOn;
      this[track.kind] = track;
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
    this.#report(track.kind === 'audio' ? 'noMicrophone' : 'noCamera');
  }

  setMicrophone(on) {
    this.microphoneOn = on;
    if (this.audio) this.audio.enabled = on;
    this.#onChange();
  }

  /** Off lets go of the camera, so that its light goes out. */
  async setCamera(on) {
    this.cameraOn = on;
    this.#onChange();
    if (on) {
      if (this.problem === 'noCamera') this.problem = null;
      if (!this.video) await this.#open({ video: videoWish });
    } else if (this.video) {
      const track = this.video;
      this.video = null;
      this.#onTrack('video', null);
      track.stop();
      this.#onChange();
    }
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
