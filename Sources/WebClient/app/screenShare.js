// Asking which screen or window to show, for calls and rooms alike.
import { say } from './language.js';
import { notify } from './notices.js';

/** Phones have no such thing. */
export const canShareScreen = Boolean(navigator.mediaDevices?.getDisplayMedia);

/** The picture of a screen or window, or null: the person thought better of it, or is told why not. */
export async function captureScreen() {
  try {
    const stream = await navigator.mediaDevices.getDisplayMedia({ video: { frameRate: { ideal: 15, max: 30 } }, audio: false });
    const [track] = stream.getVideoTracks();
    // Each edge counts more than how smoothly it moves.
    if (track) track.contentHint = 'detail';
    return track ?? null;
  } catch (error) {
    if (error.name !== 'NotAllowedError') notify(say('room.noScreen'));
    return null;
  }
}
