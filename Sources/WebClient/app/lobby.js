// The lobby of a room: how one looks and sounds before one goes in, with which devices, and how many are there.
import { drawAvatar } from './avatar.js';
import { addDeviceFields } from './deviceFields.js';
import { say, setLabel } from './language.js';
import { LevelMeter } from './levelMeter.js';
import { isMirrored } from './localMedia.js';
import { find, setIcon } from './page.js';
import { joinRoom, leaveLobby, rooms } from './rooms.js';
import { peopleWords } from './roomsSheet.js';
import { onChange, state } from './state.js';
import { show, streamOf } from './streams.js';
import { clockText, durationAttribute } from './times.js';

const meter = new LevelMeter((level) => find('lobby-level').style.setProperty('--level', level.toFixed(3)));
let ticking = 0;
let shown = null;

export function setUpLobby() {
  find('lobby-back').addEventListener('click', leaveLobby);
  find('lobby-join').addEventListener('click', joinRoom);
  find('lobby-microphone').addEventListener('click', () => {
    const media = rooms.lobby?.media;
    media?.setMicrophone(!media.microphoneOn);
  });
  find('lobby-camera').addEventListener('click', () => {
    const media = rooms.lobby?.media;
    media?.setCamera(!media.cameraOn);
  });
  document.addEventListener('keydown', (event) => {
    if (event.key === 'Escape' && rooms.lobby && !document.querySelector('dialog[open]')) leaveLobby();
  });
  onChange(draw);
  addDeviceFields(find('lobby-devices'));
}

function draw() {
  const { lobby } = rooms;
  find('lobby').hidden = !lobby;
  find('home').inert = lobby !== null || rooms.room !== null || !find('call').hidden;
  if (lobby !== shown) turn(lobby);
  meter.listen(lobby?.media.audio ?? null);
  if (!lobby) return show(find('lobby-video'), null);
  const { summary, media } = lobby;
  find('lobby-name').textContent = summary.name;
  find('lobby-count').textContent = peopleWords(summary);
  find('lobby-code').textContent = summary.code;
  show(find('lobby-video'), streamOf(media.video));
  find('lobby-video').dataset.mirrored = String(isMirrored(media.video));
  find('lobby-avatar').hidden = Boolean(media.video);
  drawAvatar(find('lobby-avatar'), { ...state.me, kind: 'user' });
  press('lobby-microphone', !media.microphoneOn, media.microphoneOn ? 'microphone' : 'microphone-off', 'call.mute');
  press('lobby-camera', !media.cameraOn, media.cameraOn ? 'video' : 'video-off', 'call.cameraOff');
  find('lobby-join').setAttribute('aria-busy', String(lobby.joining));
  find('lobby-join').textContent = say(lobby.joining ? 'lobby.joining' : 'lobby.join');
  const problem = lobby.problem || (media.problem ? say(`media.${media.problem}`) : '');
  find('lobby-problem').textContent = problem;
  find('lobby-problem').hidden = problem === '';
}

function turn(lobby) {
  const opened = lobby !== null && shown === null;
  shown = lobby;
  clearInterval(ticking);
  if (!lobby) return;
  ticking = setInterval(tick, 500);
  tick();
  if (opened) requestAnimationFrame(() => find('lobby-join').focus());
}

function tick() {
  const elapsed = rooms.lobby ? performance.now() - rooms.lobby.since : 0;
  find('lobby-clock').textContent = clockText(elapsed);
  find('lobby-clock').dateTime = durationAttribute(elapsed);
}

function press(id, pressed, icon, key) {
  find(id).setAttribute('aria-pressed', String(pressed));
  setIcon(find(id), icon);
  setLabel(find(id), say(key));
}
