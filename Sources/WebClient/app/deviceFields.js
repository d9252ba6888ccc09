// The fields in which devices are chosen: the same in the lobby and in the sheet of a call.
import { choice, heights, rates } from './deviceChoice.js';
import { choose, devices, speakers } from './devices.js';
import { say } from './language.js';
import { copyOf } from './page.js';
import { onChange } from './state.js';

const switches = ['echo', 'noise', 'gain'];

/** Puts the fields into `place`, and keeps them as things are. */
export function addDeviceFields(place) {
  place.append(copyOf('device-fields'));
  const field = (name) => place.querySelector(`[name="${name}"]`);
  field('audio').addEventListener('change', ({ target }) => choose({ audio: target.value }));
  field('speaker').addEventListener('change', ({ target }) => choose({ speaker: target.value }));
  field('video').addEventListener('change', ({ target: { value } }) => {
    const isFacing = value === 'user' || value === 'environment';
    choose(isFacing ? { video: '', facing: value } : { video: value });
  });
  for (const name of ['height', 'rate']) {
    field(name).addEventListener('change', ({ target }) => choose({ [name]: Number(target.value) }));
  }
  for (const name of switches) field(name).addEventListener('change', ({ target }) => choose({ [name]: target.checked }));
  onChange(() => place.checkVisibility() && draw(field));
}

function draw(field) {
  const facing = [['user', say('lobby.front')], ['environment', say('lobby.back')]];
  fill(field('audio'), [['', say('lobby.usual')], ...named('audioinput')], choice.audio);
  fill(field('video'), [...facing, ...named('videoinput')], choice.video || choice.facing);
  fill(field('speaker'), [['', say('devices.usualSpeaker')], ...speakers().map(pair)], choice.speaker);
  field('speaker').closest('label').hidden = speakers().length === 0;
  fill(field('height'), heights.map((height) => [String(height), say('lobby.lines', { height })]), String(choice.height));
  fill(field('rate'), rates.map((rate) => [String(rate), say('lobby.perSecond', { rate })]), String(choice.rate));
  for (const name of switches) {
    field(name).checked = choice[name];
    field(name).nextElementSibling.textContent = say(`devices.${name}`);
  }
  for (const name of ['audio', 'video', 'speaker', 'height', 'rate']) {
    field(name).previousElementSibling.textContent = say(`devices.${name}`);
  }
}

// What the browser itself calls its default is our first line already.
function named(kind) {
  return devices.filter((one) => one.kind === kind && one.deviceId !== 'default').map(pair);
}

function pair({ deviceId, label }) {
  return [deviceId, label];
}

// A list that is open must not be made anew under the finger.
function fill(select, options, chosen) {
  const text = JSON.stringify(options);
  if (select.dataset.options !== text) {
    select.dataset.options = text;
    select.replaceChildren(...options.map(([value, words]) => new Option(words, value)));
  }
  select.value = chosen;
  if (select.selectedIndex < 0) select.selectedIndex = 0;
}
