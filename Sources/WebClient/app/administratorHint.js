// The first account becomes the administrator by pressing CALL on the box: says so while it counts.
import { find } from './page.js';
import { onChange, state } from './state.js';

const windowMilliseconds = 60_000;
let until = 0;

/** Called after registering. */
export function offerAdministrator() {
  until = Date.now() + windowMilliseconds;
  setTimeout(draw, windowMilliseconds + 100);
}

export function setUpAdministratorHint() {
  onChange(draw);
}

// Only for the first person: where others are already, somebody had the chance before.
function draw() {
  const others = Array.from(state.people.values()).some((one) => one.kind !== 'box' && one.id !== state.me?.id);
  find('administrator-hint').hidden = !state.me || state.me.administrator || others || Date.now() >= until;
}
