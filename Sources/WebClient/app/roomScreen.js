// The room: everyone's tiles, the bar above them, and the buttons under the thumb.
import { announce } from './announcer.js';
import { drawChat, setUpChatPanel } from './chatPanel.js';
import { routeSound } from './devices.js';
import { say, setLabel } from './language.js';
import { find, setIcon } from './page.js';
import { setUpInviteSheet } from './inviteSheet.js';
import { leaveRoom, rooms } from './rooms.js';
import { drawTiles, fullTile, setFullTile, setUpRoomTiles } from './roomTiles.js';
import { captureScreen, canShareScreen } from './screenShare.js';
import { openStatistics, setUpStatisticsSheet } from './statisticsSheet.js';
import { notify } from './notices.js';
import { changed, onChange } from './state.js';
import { show } from './streams.js';
import { clockText, durationAttribute } from './times.js';
import { sound } from './tones.js';
import { keepAwake } from './wakeLock.js';

let shown = null;
let count = 0;
let ticking = 0;

export function setUpRoomScreen() {
  find('room-leave').addEventListener('click', leaveRoom);
  find('room-microphone').addEventListener('click', () => {
    const media = rooms.room?.media;
    if (!media) return;
    media.setMicrophone(!media.microphoneOn);
    announce(say(media.microphoneOn ? 'call.announceUnmuted' : 'call.announceMuted'));
  });
  find('room-camera').addEventListener('click', () => {
    const media = rooms.room?.media;
    media?.setCamera(!media.cameraOn);
  });
  find('room-screen-share').addEventListener('click', shareScreen);
  find('room-screen-share').hidden = !canShareScreen;
  find('room-chat-toggle').addEventListener('click', () => {
    rooms.chatOpen = !rooms.chatOpen;
    if (rooms.chatOpen && rooms.room) rooms.room.unread = 0;
    changed();
  });
  find('room-code').addEventListener('click', () => copy(rooms.room?.view.code, 'room.codeCopied'));
  find('room-link').addEventListener('click', () =>
    copy(`${location.origin}/#room=${rooms.room?.view.code}`, 'room.linkCopied'),
  );
  find('room-statistics').addEventListener('click', () => openStatistics(() => rooms.room?.peer ?? null));
  document.addEventListener('keydown', (event) => {
    if (event.key === 'Escape' && rooms.room && fullTile() !== null) setFullTile(null);
  });
  setUpRoomTiles();
  setUpChatPanel();
  setUpInviteSheet();
  setUpStatisticsSheet();
  onChange(draw);
}

async function shareScreen() {
  const { room } = rooms;
  if (!room) return;
  if (room.screen) return room.setScreen(null);
  const track = await captureScreen();
  if (track && rooms.room === room) room.setScreen(track);
  else track?.stop();
}

async function copy(text, key) {
  if (!text) return;
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    // Where the browser does not let pages: the old way.
    const area = document.createElement('textarea');
    area.value = text;
    document.body.append(area);
    area.select();
    document.execCommand('copy');
    area.remove();
  }
  notify(say(key, { text }));
}

function draw() {
  const { room } = rooms;
  find('room').hidden = !room;
  if (room !== shown) turn(room);
  drawTiles(room);
  drawSounds(room);
  drawChat(room);
  if (!room) return;
  const { view, media } = room;
  find('room-name').textContent = view.name;
  find('room-code-words').textContent = view.code;
  setLabel(find('room-code'), say('room.copyCode', { code: view.code }));
  find('room-people').textContent = say('rooms.people', { people: view.seats.length, limit: view.limit });
  find('room').dataset.chat = String(rooms.chatOpen);
  find('room-alone').hidden = view.seats.length > 1;
  find('room-reconnecting').hidden = !room.broken;
  const problem = media.problem ? say(`media.${media.problem}`) : '';
  find('room-problem').hidden = problem === '';
  find('room-problem').textContent = problem;
  press('room-microphone', !media.microphoneOn, media.microphoneOn ? 'microphone' : 'microphone-off', 'call.mute');
  press('room-camera', !media.cameraOn, media.cameraOn ? 'video' : 'video-off', 'call.cameraOff');
  press('room-screen-share', room.screen !== null, 'screen', room.screen ? 'call.stopScreen' : 'call.shareScreen');
  press('room-chat-toggle', rooms.chatOpen, 'chat', rooms.chatOpen ? 'room.closeChat' : 'room.openChat');
  find('room-unread').hidden = room.unread === 0;
  find('room-unread').textContent = String(Math.min(99, room.unread));
  if (view.seats.length !== count) {
    count = view.seats.length;
    announce(say('rooms.people', { people: count, limit: view.limit }));
  }
}

function turn(room) {
  const before = shown;
  shown = room;
  count = 0;
  clearInterval(ticking);
  keepAwake(room !== null);
  if (room) {
    ticking = setInterval(tick, 500);
    tick();
    requestAnimationFrame(() => find('room').focus());
  } else {
    setFullTile(null);
    if (before) sound('ended');
  }
}

function tick() {
  const elapsed = rooms.room ? performance.now() - rooms.room.joinedAt : 0;
  find('room-clock').textContent = clockText(elapsed);
  find('room-clock').dateTime = durationAttribute(elapsed);
}

// One element for each section of sound.
function drawSounds(room) {
  const box = find('room-sounds');
  const streams = room?.peer?.sounds ?? [];
  while (box.children.length > streams.length) {
    show(box.lastElementChild, null);
    box.lastElementChild.remove();
  }
  streams.forEach((stream, index) => {
    let element = box.children[index];
    if (!element) {
      element = document.createElement('audio');
      element.autoplay = true;
      box.append(element);
    }
    show(element, stream);
    routeSound(element);
  });
}

function press(id, pressed, icon, key) {
  find(id).setAttribute('aria-pressed', String(pressed));
  setIcon(find(id), icon);
  setLabel(find(id), say(key));
}
