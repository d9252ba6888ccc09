// Asking people, or the box itself, into the room.
import { drawAvatar } from './avatar.js';
import { say } from './language.js';
import { copyOf, find } from './page.js';
import { sortedPeople } from './people.js';
import { invite, rooms } from './rooms.js';
import { onChange, state } from './state.js';

const invited = new Set();

export function setUpInviteSheet() {
  const sheet = find('invite');
  find('room-invite').addEventListener('click', () => {
    invited.clear();
    sheet.showModal();
    draw();
  });
  find('invite-close').addEventListener('click', () => sheet.close());
  sheet.addEventListener('click', (event) => event.target === sheet && sheet.close());
  onChange(draw);
}

function draw() {
  const sheet = find('invite');
  if (!sheet.open) return;
  if (!rooms.room) return sheet.close();
  const inside = new Set(rooms.room.view.seats.map((seat) => seat.user));
  const others = sortedPeople(state.people, state.me?.id).filter((person) => !inside.has(person.id));
  find('invite-list').replaceChildren(...others.map(row));
  find('invite-none').hidden = others.length > 0;
}

function row(person) {
  const item = copyOf('invite-row');
  drawAvatar(item.querySelector('.avatar'), person);
  item.querySelector('.person-name').textContent = person.displayName;
  item.dataset.presence = person.presence;
  item.querySelector('.presence-words').textContent = say(`presence.${person.presence}`);
  const button = item.querySelector('button');
  const may = ['online', 'asleep'].includes(person.presence) && !invited.has(person.id);
  button.disabled = !may;
  button.textContent = say(invited.has(person.id) ? 'invite.asked' : 'invite.ask');
  button.addEventListener('click', () => {
    invited.add(person.id);
    invite(person.id);
    draw();
  });
  return item;
}
