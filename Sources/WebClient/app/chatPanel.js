// The chat of a room: lines with their times, comings and goings, and where one writes.
import { language, say } from './language.js';
import { copyOf, find } from './page.js';
import { rooms, sendLine } from './rooms.js';
import { changed, state } from './state.js';

const longest = 1_000;
let drawn = { room: null, last: 0, language: '' };

export function setUpChatPanel() {
  const form = find('chat-form');
  const field = find('chat-text');
  field.maxLength = longest;
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    const text = field.value.trim();
    if (!text) return;
    field.value = '';
    sendLine(text);
  });
  find('chat-close').addEventListener('click', () => {
    rooms.chatOpen = false;
    changed();
    find('room-chat-toggle').focus();
  });
  document.addEventListener('keydown', (event) => {
    const isOver = matchMedia('(max-width: 859px)').matches;
    if (event.key === 'Escape' && rooms.room && rooms.chatOpen && isOver && !document.querySelector('dialog[open]')) {
      rooms.chatOpen = false;
      changed();
    }
  });
}

export function drawChat(room) {
  const panel = find('chat');
  panel.hidden = !room || !rooms.chatOpen;
  if (!room) {
    drawn = { room: null, last: 0, language: '' };
    find('chat-lines').replaceChildren();
    return;
  }
  if (rooms.chatOpen) room.unread = 0;
  const lines = Array.from(room.lines.values()).sort((a, b) => a.number - b.number);
  const last = lines.at(-1)?.number ?? 0;
  if (drawn.room === room && drawn.last === last && drawn.language === language && find('chat-lines').childElementCount === lines.length) return;
  const list = find('chat-lines');
  // Who reads further up is not torn away.
  const isAtEnd = list.scrollHeight - list.scrollTop - list.clientHeight < 60;
  list.replaceChildren(...lines.map(row));
  drawn = { room, last, language };
  if (isAtEnd) list.scrollTop = list.scrollHeight;
}

function row(line) {
  const item = copyOf('chat-line');
  const mine = line.user === state.me?.id;
  item.dataset.kind = line.kind;
  item.dataset.mine = String(mine && line.kind === 'text');
  const when = new Date(line.at);
  const time = item.querySelector('time');
  time.textContent = new Intl.DateTimeFormat(language, { hour: '2-digit', minute: '2-digit' }).format(when);
  time.dateTime = when.toISOString();
  item.querySelector('.chat-name').textContent = line.kind === 'text' ? line.displayName : '';
  item.querySelector('.chat-words').textContent =
    line.kind === 'text' ? line.text : say(`chat.${line.kind}`, { name: line.displayName });
  return item;
}
