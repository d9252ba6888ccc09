// The tiles of a room: one for each seat and each shown screen, laid out by their number and the room there is.
import { drawAvatar } from './avatar.js';
import { canSwitchCamera, switchCamera } from './devices.js';
import { say, setLabel } from './language.js';
import { LinkQuality } from './linkQuality.js';
import { isMirrored } from './localMedia.js';
import { copyOf, find } from './page.js';
import { drawQuality } from './qualityBars.js';
import { rooms } from './rooms.js';
import { changed } from './state.js';
import { show, streamOf } from './streams.js';

const tiles = new Map();
/** The key of the tile that is shown large, or null. */
let full = null;
const gap = 8;
const quality = new LinkQuality(() => rooms.room?.peer ?? null, changed);

export function setUpRoomTiles() {
  new ResizeObserver(() => rooms.room && layOut(wanted(rooms.room))).observe(find('room-tiles'));
}

export function fullTile() {
  return full;
}

export function setFullTile(key) {
  full = key;
  changed();
}

/** What there is to show: screens first, then the others, those who spoke last in front, and oneself at the end. */
function wanted(room) {
  const order = new Map(room.speaking.map((seat, index) => [seat, index]));
  const rank = (seat) => order.get(seat.id) ?? order.size;
  const others = room.others.map((seat, index) => ({ seat, index }));
  others.sort((a, b) => rank(a.seat) - rank(b.seat) || a.index - b.index);
  const screens = room.view.seats.filter((seat) => seat.screen).map((seat) => tile(seat, true));
  const all = [...screens, ...others.map(({ seat }) => tile(seat, false))];
  return room.me ? [...all, tile(room.me, false)] : all;
}

function tile(seat, screen) {
  return { key: `${seat.id}${screen ? '/screen' : ''}`, seat, screen };
}

export function drawTiles(room) {
  const box = find('room-tiles');
  const list = room ? wanted(room) : [];
  const keys = new Set(list.map((one) => one.key));
  if (full !== null && !keys.has(full)) full = null;
  for (const [key, element] of tiles) {
    if (keys.has(key)) continue;
    show(element.querySelector('video'), null);
    element.remove();
    tiles.delete(key);
  }
  if (!room) return;
  for (const one of list) {
    let element = tiles.get(one.key);
    if (!element) {
      element = make(one);
      tiles.set(one.key, element);
      box.append(element);
    }
    fill(element, one, room);
  }
  layOut(list);
}

function make({ key }) {
  const element = copyOf('room-tile');
  element.dataset.key = key;
  element.querySelector('.tile-full').addEventListener('click', () => setFullTile(full === key ? null : key));
  element.querySelector('.tile-switch').addEventListener('click', switchCamera);
  const video = element.querySelector('video');
  const note = () => {
    element.dataset.picture = String(video.videoWidth > 0 && video.srcObject !== null);
  };
  for (const name of ['loadeddata', 'resize', 'emptied']) video.addEventListener(name, note);
  return element;
}

function fill(element, { seat, screen }, room) {
  const mine = seat.id === room.view.mine;
  const track = mine ? (screen ? room.screen : room.media.video) : room.picture(seat.id, screen);
  const sends = screen || (mine ? room.media.cameraOn : seat.video);
  show(element.querySelector('video'), sends ? streamOf(track) : null);
  if (!sends) element.dataset.picture = 'false';
  element.dataset.mine = String(mine && !screen);
  element.dataset.mirrored = String(mine && !screen && isMirrored(track));
  element.dataset.screen = String(screen);
  element.dataset.state = seat.state;
  element.dataset.speaking = String(!screen && room.speaking.includes(seat.id));
  drawAvatar(element.querySelector('.avatar'), { id: seat.user, displayName: seat.displayName, kind: seat.kind });
  const name = mine ? say('room.you', { name: seat.displayName }) : seat.displayName;
  element.querySelector('.tile-name').textContent = screen ? say('room.screenOf', { name: seat.displayName }) : name;
  // An image has no property for it.
  element.querySelector('.tile-muted').toggleAttribute('hidden', screen || (mine ? room.media.microphoneOn : seat.audio));
  const flip = element.querySelector('.tile-switch');
  flip.hidden = !mine || screen || !canSwitchCamera();
  setLabel(flip, say('devices.switch'));
  drawQuality(element.querySelector('.bars'), mine || seat.state !== 'connected' ? 0 : quality.levelOf(room.section(seat.id, screen)));
  const state = element.querySelector('.tile-state');
  state.hidden = mine || screen || seat.state === 'connected';
  state.textContent = state.hidden ? '' : say(`room.state.${seat.state}`);
  setLabel(element.querySelector('.tile-full'), say('room.full', { name: seat.displayName }));
}

/** As many columns as make the tiles largest; and tells the box how large each is. */
function layOut(list) {
  const box = find('room-tiles');
  const shown = full === null ? list : list.filter((one) => one.key === full);
  const { clientWidth: width, clientHeight: height } = box;
  const best = columnsFor(shown.length, width, height);
  box.style.setProperty('--columns', String(best.columns));
  box.dataset.count = String(shown.length);
  list.forEach((one, index) => {
    const element = tiles.get(one.key);
    element.style.order = String(index);
    element.hidden = !shown.includes(one);
    element.querySelector('.tile-full').setAttribute('aria-pressed', String(full === one.key));
  });
  const scale = Math.min(2, devicePixelRatio || 1);
  const told = list
    .filter((one) => one.seat.id !== rooms.room?.view.mine)
    .map((one) => ({ seat: one.seat.id, screen: one.screen, height: shown.includes(one) ? steps(best.height * scale) : 0 }));
  rooms.room?.setLayout(told);
}

// In steps, so that a window that is being resized does not ask for something else at each pixel.
function steps(pixels) {
  return Math.max(90, Math.ceil(pixels / 90) * 90);
}

function columnsFor(count, width, height) {
  let best = { columns: 1, height: 0 };
  for (let columns = 1; columns <= Math.max(1, count); columns += 1) {
    const rows = Math.ceil(count / columns);
    const room = { width: (width - gap * (columns - 1)) / columns, height: (height - gap * (rows - 1)) / rows };
    const tall = Math.min(room.height, (room.width * 3) / 4);
    if (tall > best.height) best = { columns, height: tall };
  }
  return best;
}
