// Tells the box what this page sends: one word after the other, the latest always, and again what was not heard.

const againMilliseconds = 1_000;

export class MediaTeller {
  #sends;
  #say;
  /** What the others were told last that they get of us; null before the first. */
  #told = null;
  #isTelling = false;
  #timer = 0;
  #isOver = false;

  /** `sends()` gives `{audio, video, screen}`; `say(sends)` asks the box, and throws whatever is worth another try. */
  constructor({ sends, say }) {
    this.#sends = sends;
    this.#say = say;
  }

  /** `known`: what the others take us to send, if they were told nothing yet. */
  async tell(known) {
    this.#told ??= known;
    clearTimeout(this.#timer);
    if (this.#isTelling) return;
    this.#isTelling = true;
    // Two on the way at once may arrive the other way round.
    while (!this.#isOver) {
      const before = this.#told;
      const now = this.#sends();
      if (Object.keys(now).every((key) => now[key] === before[key])) break;
      this.#told = now;
      try {
        await this.#say(now);
      } catch {
        this.#told = before;
        if (!this.#isOver) this.#timer = setTimeout(() => this.tell(), againMilliseconds);
        break;
      }
    }
    this.#isTelling = false;
  }

  stop() {
    this.#isOver = true;
    clearTimeout(this.#timer);
  }
}
