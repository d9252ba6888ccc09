// How good what comes in is, from the statistics of a connection: 3 is good, 2 fair, 1 poor, 0 not known.

const everyMilliseconds = 2_000;
/** From which share of loss, of made-up sound or of standing pictures, and from which round trip in seconds, it is fair or poor. */
const fair = { lost: 0.02, concealed: 0.03, frozen: 0.05, roundTrip: 0.25 };
const poor = { lost: 0.08, concealed: 0.1, frozen: 0.2, roundTrip: 0.6 };
/** A level counts as better once it was so twice in a row; worse at once. */
const looksToRise = 2;

export class LinkQuality {
  #peerOf;
  #onChange;
  #peer = null;
  /** id → the counters of the last look. */
  #before = new Map();
  /** key → {level, rising}: of the whole connection under `''`, of one picture under its section. */
  #levels = new Map();

  /** `peerOf()` gives the connection to look at, or null; `onChange()`: a level has changed. */
  constructor(peerOf, onChange) {
    this.#peerOf = peerOf;
    this.#onChange = onChange;
    setInterval(() => this.#look(), everyMilliseconds);
  }

  /** Of all that comes in. */
  get level() {
    const all = Array.from(this.#levels.values(), (one) => one.level);
    return all.length > 0 ? Math.min(...all) : 0;
  }

  /** Of the connection and the picture in one section. */
  levelOf(mid) {
    const all = ['', mid].map((key) => this.#levels.get(key)?.level).filter(Boolean);
    return all.length > 0 ? Math.min(...all) : 0;
  }

  async #look() {
    const peer = this.#peerOf();
    if (peer !== this.#peer) {
      this.#peer = peer;
      this.#before.clear();
      if (this.#levels.size > 0) {
        this.#levels.clear();
        this.#onChange();
      }
    }
    if (!peer || peer.state !== 'connected') return;
    const report = await peer.statistics;
    if (peer === this.#peer) this.#judge(report);
  }

  #judge(report) {
    const found = new Map();
    const note = (key, level) => level && found.set(key, Math.min(level, found.get(key) ?? 3));
    for (const one of report.values()) {
      if (one.type === 'candidate-pair' && one.nominated && one.state !== 'failed') {
        note('', levelOf({ roundTrip: one.currentRoundTripTime ?? 0 }));
      } else if (one.type === 'inbound-rtp') {
        const last = this.#before.get(one.id);
        this.#before.set(one.id, one);
        if (last) note(one.kind === 'video' ? (one.mid ?? '') : '', judged(one, last));
      }
    }
    let news = false;
    for (const [key, level] of found) news = this.#settle(key, level) || news;
    // A picture that has ended says nothing any more.
    for (const key of this.#levels.keys()) if (!found.has(key)) news = this.#levels.delete(key) || news;
    if (news) this.#onChange();
  }

  #settle(key, level) {
    const now = this.#levels.get(key);
    const rising = now && level > now.level ? now.rising + 1 : 0;
    if (rising > 0 && rising < looksToRise) {
      now.rising = rising;
      return false;
    }
    this.#levels.set(key, { level, rising: 0 });
    return level !== now?.level;
  }
}

// Of one kind of what comes in, between two looks; 0 if nothing came.
function judged(now, last) {
  const grown = (name) => Math.max(0, (now[name] ?? 0) - (last[name] ?? 0));
  const received = grown('packetsReceived');
  if (received === 0) return 0;
  const lost = grown('packetsLost');
  const seconds = Math.max(0.001, (now.timestamp - last.timestamp) / 1_000);
  const frozen = grown('totalFreezesDuration') / seconds;
  const concealed = grown('concealedSamples') - grown('silentConcealedSamples');
  return levelOf({
    lost: lost / (lost + received),
    concealed: Math.max(0, concealed) / Math.max(1, grown('totalSamplesReceived')),
    // One that began before the last look was a camera that was off.
    frozen: frozen > 1 ? 0 : frozen,
  });
}

function levelOf(values) {
  const reaches = (limits) => Object.entries(values).some(([name, value]) => value >= limits[name]);
  if (reaches(poor)) return 1;
  return reaches(fair) ? 2 : 3;
}
