// What a call has beside its plain buttons: a screen in place of the camera, the small window, and how good the connection is.
import { shownCall } from './calls.js';
import { say, setLabel } from './language.js';
import { LinkQuality } from './linkQuality.js';
import { find } from './page.js';
import { hasPictureInPicture, isInPicture, setInPicture, setUpPictureInPicture } from './pictureInPicture.js';
import { drawQuality } from './qualityBars.js';
import { captureScreen, canShareScreen } from './screenShare.js';
import { changed } from './state.js';

const quality = new LinkQuality(() => shownCall()?.peerInUse ?? null, changed);

/** `onToggle()`: something is to be drawn anew. */
export function setUpCallTools(onToggle) {
  find('toggle-screen').addEventListener('click', shareScreen);
  find('call-picture').addEventListener('click', () => setInPicture(!isInPicture()));
  setUpPictureInPicture(onToggle);
}

/** Whether the other side has accepted: from then on a picture may be sent that was not asked for at the start. */
export function isAccepted(call) {
  return ['connecting', 'connected'].includes(call.view.state);
}

async function shareScreen() {
  const call = shownCall();
  if (!call || call.phase === 'ended') return;
  if (call.screen) return call.setScreen(null);
  const track = await captureScreen();
  if (track && call === shownCall() && call.phase !== 'ended') call.setScreen(track);
  else track?.stop();
}

export function drawCallTools(call, phase) {
  const screen = find('toggle-screen');
  screen.hidden = !canShareScreen || !isAccepted(call);
  screen.setAttribute('aria-pressed', String(call.screen !== null));
  setLabel(screen, say(call.screen ? 'call.stopScreen' : 'call.shareScreen'));
  find('call-devices').hidden = !call.media || phase === 'ended';
  const small = find('call-picture');
  const hasPicture = find('call').dataset.picture === 'true';
  small.hidden = !hasPictureInPicture || !(hasPicture || isInPicture());
  small.setAttribute('aria-pressed', String(isInPicture()));
  drawQuality(find('call-quality'), phase === 'connected' ? quality.level : 0);
}
