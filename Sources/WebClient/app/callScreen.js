// The call: the other side large, ourselves small, and the buttons under the thumb.
import { announce } from './announcer.js';
import { drawAvatar } from './avatar.js';
import { dismiss, hangUp, shownCall, startCall } from './calls.js';
import { drawCallTools, isAccepted, setUpCallTools } from './callTools.js';
import { routeSound } from './devices.js';
import { isFull, setFull, setUpFullView } from './fullView.js';
import { say, setLabel } from './language.js';
import { isMirrored } from './localMedia.js';
import { find, setIcon } from './page.js';
import { setInPicture } from './pictureInPicture.js';
import { reasonWords } from './reasonWords.js';
import { closeSettings } from './settingsSheet.js';
import { onChange, state } from './state.js';
import { openStatistics } from './statisticsSheet.js';
import { show, streamOf } from './streams.js';
import { clockText, durationAttribute } from './times.js';
import { sound } from './tones.js';
import { keepAwake } from './wakeLock.js';

const endShownMilliseconds = 8_000;
let last = { call: null, phase: null, theirAudio: true, theirScreen: false, video: false };
let ticking = 0;
let focusBefore = null;

export function setUpCallScreen() {
  const shown = (act) => () => shownCall() && act(shownCall());
  find('hang-up').addEventListener('click', shown(hangUp));
  find('toggle-microphone').addEventListener('click', shown(toggleMicrophone));
  find('toggle-camera').addEventListener('click', shown((call) => call.media && call.setCamera(!call.media.cameraOn)));
  find('toggle-full').addEventListener('click', () => setFull(!isFull()));
  find('call-statistics').addEventListener('click', () => openStatistics(() => shownCall()?.peerInUse ?? null));
  find('call-close').addEventListener('click', dismiss);
  find('call-again').addEventListener('click', shown(callAgain));
  for (const name of ['loadeddata', 'emptied']) find('remote-video').addEventListener(name, draw);
  setUpFullView(draw);
  setUpCallTools(draw);
  onChange(draw);
}

function toggleMicrophone(call) {
  if (!call.media) return;
  const on = !call.media.microphoneOn;
  call.setMicrophone(on);
  announce(say(on ? 'call.announceUnmuted' : 'call.announceMuted'));
}

function callAgain(call) {
  const person = state.people.get(call.view.with.id) ?? call.view.with;
  startCall(person, { video: call.view.video });
}

function draw() {
  const call = shownCall();
  const screen = find('call');
  const phase = call?.phase ?? null;
  const turned = call !== last.call || phase !== last.phase;
  screen.hidden = !call;
  find('home').inert = call !== null;
  keepAwake(call !== null && phase !== 'ended');
  if (turned) turn(call, phase);
  streams(call);
  if (!call) return;
  screen.dataset.phase = phase;
  person(call, phase);
  banners(call, phase);
  buttons(call, phase);
  drawCallTools(call, phase);
  tick();
  theirSide(call, phase);
}

// What happens once, when one phase gives way to the next.
function turn(call, phase) {
  const before = last;
  const fresh = { theirAudio: true, theirScreen: false, video: call?.view.video };
  last = { ...(call === before.call ? before : fresh), call, phase };
  clearInterval(ticking);
  if (phase === 'connected') ticking = setInterval(tick, 500);
  if (!call) {
    setFull(false);
    setInPicture(false);
    if (before.phase && before.phase !== 'ended') sound('ended');
    restoreFocus();
    return;
  }
  if (!before.call) {
    // Its layer would lie above this screen.
    closeSettings();
    focusBefore = document.activeElement;
  }
  if (phase === 'connected') announce(say('call.announceConnected', { name: call.view.with.displayName }));
  if (phase === 'ended') {
    setFull(false);
    setInPicture(false);
    sound('ended');
    announce(reasonWords(call));
    if (call.view.reason === 'hungUp') setTimeout(() => shownCall() === call && dismiss(), endShownMilliseconds);
  }
  if (!before.call || phase === 'ended') requestAnimationFrame(() => find(phase === 'ended' ? 'call-close' : 'call').focus());
}

function restoreFocus() {
  const isShown = focusBefore !== document.body && focusBefore?.getClientRects().length > 0;
  // Not the search: a phone would open its keyboard.
  const target = isShown ? focusBefore : find('list-heading');
  focusBefore = null;
  if (!document.querySelector('dialog[open]')) target.focus({ preventScroll: true });
}

function streams(call) {
  show(find('remote-video'), call?.picture);
  show(find('remote-sound'), call?.sound);
  routeSound(find('remote-sound'));
  const own = call?.outgoing('video');
  show(find('self-video'), streamOf(own));
  find('self').hidden = !own;
  find('self-video').dataset.mirrored = String(!call?.screen && isMirrored(own));
}

function person(call, phase) {
  const other = call.view.with;
  const video = find('remote-video');
  const live = phase === 'connecting' || phase === 'connected';
  const picture = live && call.view.video && call.view.theirMedia?.video !== false && video.readyState >= 2;
  find('call').dataset.picture = String(picture);
  drawAvatar(find('call-avatar'), other);
  find('call-name').textContent = other.displayName;
  const words = say(phase === 'ended' ? 'call.over' : `call.${phase === 'calling' ? call.view.state : phase}`);
  find('call-phase').textContent = words;
  find('call-phase').hidden = phase === 'connected';
  find('call-person-name').textContent = other.displayName;
  find('call-person-line').textContent = words;
  find('call-ended').hidden = phase !== 'ended';
  find('call-reason').textContent = phase === 'ended' ? reasonWords(call) : '';
  find('call-length').hidden = phase !== 'ended' || call.length === null;
  find('call-length').textContent = call.length === null ? '' : say('call.length', { time: clockText(call.length) });
}

function banners(call, phase) {
  find('call-reconnecting').hidden = !call.broken;
  const problem = phase !== 'ended' && call.media?.problem;
  find('call-problem').hidden = !problem;
  const words = problem ? say(`media.${problem}`) : '';
  if (find('call-problem').textContent !== words) {
    find('call-problem').textContent = words;
    if (words) announce(words);
  }
}

function buttons(call, phase) {
  const muted = call.media?.microphoneOn === false;
  const cameraOff = call.media?.cameraOn !== true;
  press('toggle-microphone', muted, muted ? 'microphone-off' : 'microphone', 'call.mute');
  // In a call of sound alone it is the way to one with pictures.
  if (call.view.video) press('toggle-camera', cameraOff, cameraOff ? 'video-off' : 'video', 'call.cameraOff');
  else press('toggle-camera', !cameraOff, 'video', 'call.addVideo');
  press('toggle-full', isFull(), isFull() ? 'collapse' : 'expand', 'call.full');
  find('toggle-camera').hidden = !call.view.video && !isAccepted(call);
  find('toggle-full').hidden = !call.view.video;
  find('call-statistics').hidden = phase !== 'connected';
  find('call-direct').hidden = phase !== 'connected' || !call.isDirect;
  setLabel(find('hang-up'), say(phase === 'calling' ? 'call.cancel' : 'call.hangUp'));
}

function press(id, pressed, icon, key) {
  const button = find(id);
  button.setAttribute('aria-pressed', String(pressed));
  setIcon(button, icon);
  setLabel(button, say(key));
}

function theirSide(call, phase) {
  const their = call.view.theirMedia ?? { audio: true, video: true, screen: false };
  find('their-microphone').hidden = phase !== 'connected' || their.audio;
  find('their-camera').hidden = phase !== 'connected' || their.video || !call.view.video;
  find('their-screen').hidden = phase !== 'connected' || !their.screen;
  find('call').dataset.screen = String(their.screen === true);
  if (phase !== 'connected') return;
  const now = { theirAudio: their.audio, theirScreen: their.screen === true, video: call.view.video };
  const { displayName: name } = call.view.with;
  const tell = (key, on, off) => last[key] !== now[key] && announce(say(now[key] ? on : off, { name }));
  tell('video', 'call.announceVideo', 'call.announceVideo');
  tell('theirAudio', 'call.announceTheirUnmuted', 'call.announceTheirMuted');
  tell('theirScreen', 'call.announceTheirScreen', 'call.announceTheirScreenOff');
  Object.assign(last, now);
}

function tick() {
  const call = shownCall();
  const clock = find('call-clock');
  const elapsed = call?.phase === 'connected' ? call.elapsed : null;
  clock.hidden = elapsed === null;
  if (elapsed === null) return;
  clock.textContent = clockText(elapsed);
  clock.dateTime = durationAttribute(elapsed);
}
