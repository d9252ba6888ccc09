// The list of people, live, with search. Rows are kept and moved, so that focus stays where it was.
import { drawAvatar } from './avatar.js';
import { startCall } from './calls.js';
import { say, setLabel } from './language.js';
import { copyOf, find, isUsable, setUsable } from './page.js';
import { canBeCalled, matches, sortedPeople } from './people.js';
import { changed, onChange, state } from './state.js';

const rows = new Map();

export function setUpPeopleList() {
  const search = find('search');
  search.addEventListener('input', draw);
  search.addEventListener('keydown', (event) => {
    if (event.isComposing || event.key !== 'Escape' || !search.value) return;
    search.value = '';
    draw();
  });
  onChange(draw);
}

/** Opens a person's page: beside the list, or over it where there is no room. */
function select(id) {
  state.selected = id;
  find('home').dataset.showing = 'person';
  changed();
}

function rowFor(id) {
  const known = rows.get(id);
  if (known) return known;
  const row = copyOf('person-row');
  row.dataset.id = id;
  row.querySelector('.person-open').addEventListener('click', () => {
    select(id);
    if (matchMedia('(max-width: 859px)').matches) find('stage-back').focus();
  });
  for (const [name, video] of [['.person-voice', false], ['.person-video', true]]) {
    row.querySelector(name).addEventListener('click', (event) => {
      const person = state.people.get(id);
      if (person && isUsable(event.currentTarget)) startCall(person, { video });
    });
  }
  rows.set(id, row);
  return row;
}

function fill(row, person) {
  row.dataset.kind = person.kind;
  row.dataset.presence = person.presence;
  row.dataset.selected = String(person.id === state.selected);
  drawAvatar(row.querySelector('.avatar'), person);
  row.querySelector('.person-name').textContent = person.displayName;
  row.querySelector('.presence-words').textContent = say(`presence.${person.presence}`);
  for (const [name, key] of [['.person-voice', 'people.call.voice'], ['.person-video', 'people.call.video']]) {
    const button = row.querySelector(name);
    setLabel(button, say(key, { name: person.displayName }));
    setUsable(button, canBeCalled(person));
  }
}

function draw() {
  if (!state.me) return;
  const text = find('search').value;
  const shown = sortedPeople(state.people, state.me.id).filter((person) => matches(person, text));
  const list = find('people');
  const focused = document.activeElement;
  shown.forEach((person, index) => {
    const row = rowFor(person.id);
    fill(row, person);
    if (list.children[index] !== row) list.insertBefore(row, list.children[index] ?? null);
  });
  for (const row of Array.from(list.children).slice(shown.length)) row.remove();
  for (const id of rows.keys()) if (!state.people.has(id)) rows.delete(id);
  if (focused?.isConnected && list.contains(focused) && document.activeElement !== focused) focused.focus();
  drawEmpty(shown, text.trim());
}

function drawEmpty(shown, text) {
  const empty = find('people-empty');
  const alone = !text && !shown.some((person) => person.kind !== 'box');
  empty.hidden = !(alone || (text && shown.length === 0));
  if (empty.hidden) return;
  empty.textContent = text ? say('people.noMatch', { text }) : say('people.alone', { address: location.port ? location.origin : location.host });
}
