// How loud a microphone is, for a bar beside it.

const everyMilliseconds = 60;

export class LevelMeter {
  #onLevel;
  #track = null;
  #context = null;
  #source = null;
  #timer = 0;

  /** `onLevel(0 … 1)`, about 16 times a second while it listens. */
  constructor(onLevel) {
    this.#onLevel = onLevel;
  }

  /** Listens to a track from now on; null for none. */
  listen(track) {
    if (track === this.#track) return;
    this.#track = track;
    clearInterval(this.#timer);
    this.#source?.disconnect();
    this.#source = null;
    this.#onLevel(0);
    if (!track) return;
    this.#context ??= new AudioContext();
    this.#context.resume().catch(() => {});
    const analyser = this.#context.createAnalyser();
    analyser.fftSize = 1_024;
    this.#source = this.#context.createMediaStreamSource(new MediaStream([track]));
    this.#source.connect(analyser);
    const samples = new Float32Array(analyser.fftSize);
    this.#timer = setInterval(() => {
      analyser.getFloatTimeDomainData(samples);
      const power = samples.reduce((sum, one) => sum + one * one, 0) / samples.length;
      // From -60 dB, which is a quiet room, to -10.
      const decibels = 10 * Math.log10(power + 1e-9);
      this.#onLevel(Math.min(1, Math.max(0, (decibels + 60) / 50)));
    }, everyMilliseconds);
  }
}
