// The sheet of rooms: those that this person knows, making one, and joining one by its code or link.
import { errorWords } from './errorWords.js';
import { say } from './language.js';
import { copyOf, find } from './page.js';
import { createRoom, enterLobby, findRoom, loadRooms, rooms } from './rooms.js';
import { onChange, state } from './state.js';

const privateLimit = 2;

export function setUpRoomsSheet() {
  const sheet = find('rooms');
  find('open-rooms').addEventListener('click', open);
  find('rooms-close').addEventListener('click', closeRooms);
  sheet.addEventListener('click', (event) => event.target === sheet && closeRooms());
  find('room-create').addEventListener('submit', (event) => submit(event, create));
  find('room-join').addEventListener('submit', (event) => submit(event, join));
  addEventListener('hashchange', openRoomOfLink);
  onChange(draw);
}

function open() {
  loadRooms();
  for (const form of [find('room-create'), find('room-join')]) showError(form, '');
  find('rooms').showModal();
}

export function closeRooms() {
  if (find('rooms').open) find('rooms').close();
}

async function submit(event, act) {
  event.preventDefault();
  const form = event.currentTarget;
  const button = form.querySelector('[type="submit"]');
  if (button.getAttribute('aria-busy') === 'true') return;
  showError(form, '');
  button.setAttribute('aria-busy', 'true');
  try {
    await act(form);
    closeRooms();
    form.reset();
  } catch (error) {
    showError(form, error.code === 'notFound' ? say('error.notFound.code') : errorWords(error));
    form.querySelector('input').focus();
  } finally {
    button.removeAttribute('aria-busy');
  }
}

function create(form) {
  const name = form.elements.namedItem('name').value.trim() || say('rooms.defaultName', { name: state.me.displayName });
  return createRoom(name, form.elements.namedItem('private').checked ? privateLimit : null);
}

function join(form) {
  return findRoom(codeIn(form.elements.namedItem('code').value));
}

/** The code in what somebody typed or pasted: a code, or a whole link. */
function codeIn(text) {
  return /room=([0-9a-z]+)/i.exec(text)?.[1] ?? text;
}

function showError(form, words) {
  const line = form.querySelector('.form-error');
  line.textContent = words;
  line.hidden = words === '';
}

/** The address of this page may name a room: `#room=<code>`. */
export async function openRoomOfLink() {
  const code = /^#room=([0-9a-z]+)$/i.exec(location.hash)?.[1];
  if (!code || !state.device || rooms.room) return;
  history.replaceState(null, '', location.pathname);
  try {
    await findRoom(code);
    closeRooms();
  } catch (error) {
    if (!find('rooms').open) open();
    find('room-join').elements.namedItem('code').value = code;
    showError(find('room-join'), error.code === 'notFound' ? say('error.notFound.code') : errorWords(error));
  }
}

function draw() {
  if (!find('rooms').open) return;
  const list = find('rooms-known');
  list.replaceChildren(...rooms.known.map(row));
  find('rooms-none').hidden = rooms.known.length > 0;
}

function row(room) {
  const item = copyOf('room-row');
  item.querySelector('.room-row-name').textContent = room.name;
  item.querySelector('.room-row-code').textContent = room.code;
  item.querySelector('.room-row-count').textContent = peopleWords(room);
  item.querySelector('button').textContent = say('rooms.enter');
  item.querySelector('button').addEventListener('click', () => {
    closeRooms();
    enterLobby(room);
  });
  return item;
}

export function peopleWords({ people, limit }) {
  if (people === 0) return say('rooms.empty');
  return people >= limit ? say('rooms.full', { people }) : say('rooms.people', { people, limit });
}
