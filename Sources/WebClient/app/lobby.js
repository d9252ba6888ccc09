// The lobby of a room: how one looks and sounds before one goes in, with which devices, and how many are there.
import { drawAvatar } from './avatar.js';
import { say, setLabel } from './language.js';
import { LevelMeter } from './levelMeter.js';
import { find, setIcon } from './page.js';
import { joinRoom, leaveLobby, rooms } from './rooms.js';
import { peopleWords } from './roomsSheet.js';
import { onChange, state } from './state.js';
import { show, streamOf } from './streams.js';
import { clockText, durationAttribute } from './times.js';

const heights = [180, 360, 480, 720];
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
  setUpDevices();
  document.addEventListener('keydown', (event) => {
    if (event.key === 'Escape' && rooms.lobby && !document.querySelector('dialog[open]')) leaveLobby();
  });
  onChange(draw);
}

// MARK: Devices

function setUpDevices() {
  const choice = rooms.choice;
  find('choose-microphone').addEventListener('change', (event) => choose('audio', { audio: event.target.value }));
  find('choose-camera').addEventListener('change', (event) => {
    const { value } = event.target;
    const isFacing = value === 'user' || value === 'environment';
    choose('video', isFacing ? { video: '', facing: value } : { video: value });
  });
  find('choose-quality').addEventListener('change', (event) => choose('video', { height: Number(event.target.value) }));
  find('choose-rate').addEventListener('change', (event) => choose('video', { rate: Number(event.target.value) }));
  find('choose-quality').value = String(choice.height);
  navigator.mediaDevices?.addEventListener?.('devicechange', listDevices);
}

function choose(kind, values) {
  Object.assign(rooms.choice, values);
  (rooms.lobby?.media ?? rooms.room?.media)?.reopen(kind);
}

async function listDevices() {
  const devices = (await navigator.mediaDevices?.enumerateDevices?.()) ?? [];
  fill(find('choose-microphone'), devices, 'audioinput', rooms.choice.audio, [['', say('lobby.usual')]]);
  const facing = [['user', say('lobby.front')], ['environment', say('lobby.back')]];
  fill(find('choose-camera'), devices, 'videoinput', rooms.choice.video || rooms.choice.facing, facing);
  const quality = find('choose-quality');
  quality.replaceChildren(...heights.map((height) => option(String(height), say('lobby.lines', { height }))));
  quality.value = String(rooms.choice.height);
  const rate = find('choose-rate');
  rate.replaceChildren(...[10, 15, 30].map((one) => option(String(one), say('lobby.perSecond', { rate: one }))));
  rate.value = String(rooms.choice.rate);
}

function fill(select, devices, kind, chosen, first) {
  const named = devices.filter((one) => one.kind === kind && one.deviceId && one.label);
  select.replaceChildren(
    ...first.map(([value, words]) => option(value, words)),
    ...named.map((one) => option(one.deviceId, one.label)),
  );
  select.value = chosen;
  if (select.selectedIndex < 0) select.selectedIndex = 0;
}

function option(value, words) {
  const element = document.createElement('option');
  element.value = value;
  element.textContent = words;
  return element;
}

// MARK: Drawing

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
  listDevices();
  if (opened) requestAnimationFrame(() => find('lobby-join').focus());
}

// Names of devices are known once one of them may be used.
let hadTrack = false;
onChange(() => {
  const has = Boolean(rooms.lobby?.media.audio || rooms.lobby?.media.video);
  if (has && !hadTrack) listDevices();
  hadTrack = has;
});

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
