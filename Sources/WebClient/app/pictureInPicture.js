// The other side's picture in a small window above everything else, where the browser has that for pages.
import { find } from './page.js';

/** Safari on a phone has another way for the same. */
const presents = 'webkitSetPresentationMode' in HTMLVideoElement.prototype;

export const hasPictureInPicture = document.pictureInPictureEnabled === true || presents;

export function isInPicture() {
  const video = find('remote-video');
  return document.pictureInPictureElement === video || video.webkitPresentationMode === 'picture-in-picture';
}

/** `onToggle()`: it was opened or closed, perhaps by the window's own button. */
export function setUpPictureInPicture(onToggle) {
  for (const name of ['enterpictureinpicture', 'leavepictureinpicture', 'webkitpresentationmodechanged']) {
    find('remote-video').addEventListener(name, onToggle);
  }
}

export function setInPicture(on) {
  const video = find('remote-video');
  if (isInPicture() === on) return;
  if (document.pictureInPictureEnabled) {
    const done = on ? video.requestPictureInPicture() : document.exitPictureInPicture();
    // Refused: it goes on in the page.
    done.catch(() => {});
  } else if (presents) {
    video.webkitSetPresentationMode(on ? 'picture-in-picture' : 'inline');
  }
}
