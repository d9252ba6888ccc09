// The devices of this browser, by name, and changing to another one in whatever call, room or lobby this page is in.
import { shownCall } from './calls.js';
import { choice, keepChoice } from './deviceChoice.js';
import { rooms } from './rooms.js';
import { changed, onChange } from './state.js';

/** What the browser lists: devices with a name. It tells names once one of them may be used. */
export let devices = [];
const canRoute = 'setSinkId' in HTMLMediaElement.prototype;
/** Speakers that could not be used since the list was made. */
const failed = new Set();
let hadTrack = false;

export function watchDevices() {
  navigator.mediaDevices?.addEventListener?.('devicechange', list);
  onChange(() => {
    const media = mediaInUse();
    const hasTrack = Boolean(media?.audio || media?.video);
    if (hasTrack && !hadTrack) list();
    hadTrack = hasTrack;
  });
}

async function list() {
  const all = (await navigator.mediaDevices.enumerateDevices?.()) ?? [];
  devices = all.filter((one) => one.deviceId && one.label);
  failed.clear();
  changed();
}

/** The microphone and camera that this page has open just now, or null. */
export function mediaInUse() {
  return rooms.room?.media ?? rooms.lobby?.media ?? shownCall()?.media ?? null;
}

/** Takes over a choice: it counts at once, and for every call from now on. */
export function choose(values) {
  keepChoice(values);
  mediaInUse()?.follow(Object.keys(values));
  changed();
}

// MARK: Front and back

function cameras() {
  return devices.filter((one) => one.kind === 'videoinput');
}

/** Whether there is another camera to change to. */
export function canSwitchCamera() {
  return Boolean(mediaInUse()?.video) && cameras().length > 1;
}

/** The camera on the other side of a phone; of others the next. */
export function switchCamera() {
  const { facingMode, deviceId } = mediaInUse()?.video?.getSettings() ?? {};
  if (facingMode) return choose({ video: '', facing: facingMode === 'environment' ? 'user' : 'environment' });
  const all = cameras();
  const next = all[(all.findIndex((one) => one.deviceId === deviceId) + 1) % all.length];
  if (next) choose({ video: next.deviceId });
}

// MARK: Speakers

export function speakers() {
  return canRoute ? devices.filter((one) => one.kind === 'audiooutput') : [];
}

/** Lets an element be heard where the person wants it; where that speaker is gone, the browser's own is as good. */
export function routeSound(element) {
  const wanted = failed.has(choice.speaker) ? '' : choice.speaker;
  if (!canRoute || element.sinkId === wanted) return;
  element.setSinkId(wanted).catch(() => {
    failed.add(wanted);
  });
}
