// Which devices this browser uses, how much of the camera, and what is done to the sound: one choice for all calls and rooms, kept.

const storageKey = 'fieldbox.devices';

/** Lines of the picture, and pictures a second, at most. */
export const heights = [180, 360, 480, 540, 720];
export const rates = [10, 15, 30];

/** Empty ids leave the choice to the browser. */
const usual = { audio: '', video: '', speaker: '', facing: 'user', height: 480, rate: 30, echo: true, noise: true, gain: true };

export const choice = { ...usual, ...read() };

function read() {
  let kept = {};
  try {
    kept = JSON.parse(localStorage.getItem(storageKey)) ?? {};
  } catch {
    // Private mode without storage, or nothing that was written here.
  }
  const may = { facing: ['user', 'environment'], height: heights, rate: rates };
  const isFine = ([key, value]) => typeof value === typeof usual[key] && (may[key]?.includes(value) ?? true);
  return Object.fromEntries(Object.entries(kept).filter(isFine));
}

export function keepChoice(values) {
  Object.assign(choice, values);
  try {
    localStorage.setItem(storageKey, JSON.stringify(choice));
  } catch {
    // The choice lasts as long as the page.
  }
}

/** What to ask the browser for. `any`: whichever device there is, if the chosen one is gone. */
export function audioWish({ any = false } = {}) {
  const { audio, echo, noise, gain } = choice;
  const care = { echoCancellation: echo, noiseSuppression: noise, autoGainControl: gain };
  return audio && !any ? { ...care, deviceId: { exact: audio } } : care;
}

export function videoWish({ any = false } = {}) {
  const { video, facing } = choice;
  return { ...(video && !any ? { deviceId: { exact: video } } : { facingMode: facing }), ...sizeWish() };
}

/** How much of the camera. */
export function sizeWish() {
  const { height, rate } = choice;
  const width = Math.round((height * 4) / 3);
  return { width: { ideal: width }, height: { ideal: height }, frameRate: { ideal: rate, max: rate } };
}
