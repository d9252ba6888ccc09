// The sounds of the client, made by Web Audio: no files, and no wait for them.

let context = null;
let playing = null;
let touched = false;
const listeners = new Set();

/** Browsers let a page sound only after the person touched it, and this one is still to be touched. */
export function needsTouch() {
  return !touched && context?.state !== 'running';
}

/** Calls `listener` when that changes. */
export function onSoundChange(listener) {
  listeners.add(listener);
}

/** Opens the sound; from a click or key press it always succeeds. */
export function enableSound() {
  if (!context) {
    context = new AudioContext({ latencyHint: 'interactive' });
    context.onstatechange = () => listeners.forEach((listener) => listener());
  }
  if (context.state !== 'running') context.resume().catch(() => {});
}

export function watchFirstTouch() {
  const touch = () => {
    touched = true;
    enableSound();
    listeners.forEach((listener) => listener());
  };
  // A finger's first contact gives no leave to sound, its end does.
  for (const name of ['click', 'touchend', 'keydown']) addEventListener(name, touch, { capture: true, passive: true });
  enableSound();
}

// Each pattern: notes of [start s, frequency Hz, length s, loudness], repeated every `period` seconds.
const patterns = {
  ring: {
    period: 2.6,
    notes: [
      [0, 659.3, 0.5, 0.5], [0.16, 784, 0.5, 0.5], [0.32, 987.8, 0.9, 0.5],
      [0.9, 659.3, 0.5, 0.5], [1.06, 784, 0.5, 0.5], [1.22, 987.8, 1.1, 0.5],
    ],
  },
  ringback: { period: 4, notes: [[0, 425, 1, 0.12]] },
  ended: { period: 0, notes: [[0, 523.3, 0.22, 0.22], [0.18, 392, 0.4, 0.22]] },
};

/** Plays `ring`, `ringback` or `ended`; another one replaces it, null ends it. */
export function sound(name) {
  if (playing?.name === name) return;
  stop();
  if (!name) return;
  enableSound();
  const pattern = patterns[name];
  const output = new GainNode(context, { gain: 1 });
  output.connect(context.destination);
  const mine = { name, output, timer: 0 };
  const round = () => {
    // The clock of a sound that may not play yet stands still: what is struck now would pile up.
    const running = context.state === 'running';
    if (running) for (const note of pattern.notes) strike(output, note);
    if (pattern.period) mine.timer = setTimeout(round, running ? pattern.period * 1000 : 100);
  };
  if (pattern.period) playing = mine;
  round();
}

function stop() {
  if (!playing) return;
  clearTimeout(playing.timer);
  playing.output.disconnect();
  playing = null;
}

// A struck bar: quick attack, long decay, a soft octave above.
function strike(output, [start, frequency, length, loudness]) {
  const at = context.currentTime + 0.02 + start;
  for (const [factor, share] of [[1, 1], [2, 0.25]]) {
    const oscillator = new OscillatorNode(context, { frequency: frequency * factor });
    const envelope = new GainNode(context, { gain: 0 });
    envelope.gain.setValueAtTime(0, at);
    envelope.gain.linearRampToValueAtTime(loudness * share, at + 0.012);
    envelope.gain.exponentialRampToValueAtTime(0.001, at + length);
    oscillator.connect(envelope).connect(output);
    oscillator.start(at);
    oscillator.stop(at + length + 0.05);
  }
}
