// The page of one person: who it is, whether they can be reached, and the two ways of calling.
import { drawAvatar } from './avatar.js';
import { startCall } from './calls.js';
import { say } from './language.js';
import { find, isUsable, setUsable } from './page.js';
import { canBeCalled } from './people.js';
import { onChange, state } from './state.js';

export function setUpPersonStage() {
  for (const [id, video] of [['stage-video', true], ['stage-voice', false]]) {
    find(id).addEventListener('click', (event) => {
      const person = shownPerson();
      if (person && isUsable(event.currentTarget)) startCall(person, { video });
    });
  }
  find('stage-back').addEventListener('click', back);
  document.addEventListener('keydown', (event) => {
    const open = find('home').dataset.showing === 'person' && !document.querySelector('dialog[open]');
    if (event.target === find('search')) return;
    if (event.key === 'Escape' && open && find('call').hidden) back();
  });
  onChange(draw);
}

function back() {
  find('home').dataset.showing = 'list';
  const row = document.querySelector(`.person[data-id="${CSS.escape(state.selected ?? '')}"] .person-open`);
  row?.focus();
}

function shownPerson() {
  return state.people.get(state.selected) ?? Array.from(state.people.values()).find((person) => person.kind === 'box');
}

function draw() {
  const person = state.me && shownPerson();
  find('stage').hidden = !person;
  if (!person) return;
  if (state.selected !== person.id) state.selected = person.id;
  drawAvatar(find('stage-avatar'), person);
  find('stage-name').textContent = person.displayName;
  const presence = find('stage-presence');
  presence.dataset.presence = person.presence;
  presence.querySelector('.presence-words').textContent = say(`presence.${person.presence}`);
  const about = person.kind === 'box' && person.presence === 'online' ? 'box' : person.presence;
  find('stage-about').textContent = say(`about.${about}`);
  for (const id of ['stage-video', 'stage-voice']) setUsable(find(id), canBeCalled(person));
}
