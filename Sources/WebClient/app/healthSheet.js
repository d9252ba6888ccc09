// How the box is, for administrators: what is wrong, what runs, and how much room there is. Asked again while it is shown.
import { errorWords } from './errorWords.js';
import { has, onLanguage, say } from './language.js';
import { notify } from './notices.js';
import { copyOf, find } from './page.js';
import { get, post } from './request.js';
import { onChange, state } from './state.js';
import { spanText } from './times.js';

const periodMilliseconds = 3_000;

/** The latest `BoxStatus`; null before the first. */
let status = null;
let timer = null;
/** The self-test that the person waits for: the number of the one before it. */
let testAfter = null;

export function setUpHealthSheet() {
  const sheet = find('health');
  find('open-health').addEventListener('click', open);
  find('health-close').addEventListener('click', () => sheet.close());
  sheet.addEventListener('click', (event) => {
    if (event.target === sheet) sheet.close();
  });
  sheet.addEventListener('close', () => clearTimeout(timer));
  find('self-test').addEventListener('click', test);
  onLanguage(draw);
  onChange(() => {
    find('open-health').hidden = !state.me?.administrator;
    if (!state.me?.administrator) closeHealth();
  });
}

export function closeHealth() {
  if (find('health').open) find('health').close();
}

function open() {
  find('settings').close();
  status = null;
  testAfter = null;
  draw();
  find('health').showModal();
  load();
}

async function load() {
  clearTimeout(timer);
  try {
    status = (await get('/api/box/health')).status;
    showError(null);
  } catch (error) {
    showError(error);
  }
  if (testAfter !== null && (status?.selfTest?.number ?? 0) > testAfter) {
    testAfter = null;
    notify(testWords(status.selfTest));
  }
  draw();
  if (find('health').open) timer = setTimeout(load, testAfter === null ? periodMilliseconds : 300);
}

async function test() {
  try {
    testAfter = status?.selfTest?.number ?? 0;
    await post('/api/box/selfTest');
    await load();
  } catch (error) {
    testAfter = null;
    showError(error);
  }
}

function showError(error) {
  const line = find('health-error');
  line.hidden = error === null;
  line.textContent = error ? errorWords(error) : '';
}

function testWords(selfTest) {
  return selfTest.findings.length === 0 ? say('health.testPassed') : say('health.testFailed', { count: selfTest.findings.length });
}

function draw() {
  find('health-body').hidden = status === null;
  find('self-test').setAttribute('aria-busy', String(testAfter !== null));
  if (status === null) return;
  const isWell = status.faults.length === 0;
  find('health-summary').dataset.well = String(isWell);
  find('health-summary-words').textContent = isWell ? say('health.well') : say('health.faults', { count: status.faults.length });
  find('health-faults').replaceChildren(...status.faults.map(faultRow));
  find('health-faults').hidden = isWell;
  find('health-rows').replaceChildren(...rows().flatMap(([name, value, isBad]) => row(name, value, isBad)));
}

function faultRow(fault) {
  const item = copyOf('health-fault');
  item.querySelector('.fault-what').textContent = nameOf(fault.what);
  item.querySelector('.fault-detail').textContent = fault.detail;
  item.querySelector('.fault-since').textContent = say('health.since', { time: spanText(status.uptimeSeconds - fault.sinceUptimeSeconds) });
  return item;
}

/** The box's own name for a part in the person's language; one without words stays as it is. */
function nameOf(what) {
  return has(`part.${what}`) ? say(`part.${what}`) : what;
}

function rows() {
  const all = [];
  for (const name of ['server', 'media']) {
    const child = status.children[name];
    if (!child) continue;
    const words = [say(child.state === 'running' ? 'health.running' : 'health.notRunning')];
    if (child.restarts > 0) words.push(say('health.restarts', { count: child.restarts }));
    if (child.memoryBytes > 0) words.push(bytesText(child.memoryBytes));
    all.push([nameOf(name), words.join(' · '), child.state !== 'running']);
  }
  for (const name of ['camera', 'microphone', 'speaker']) {
    const device = status.devices[name];
    if (device) all.push([nameOf(name), say(`health.device.${device.state}`), device.state === 'gone']);
  }
  const machine = status.machine;
  if (machine.storageAvailableBytes !== undefined) {
    all.push([say('part.storage'), say('health.free', { free: bytesText(machine.storageAvailableBytes), all: bytesText(machine.storageBytes) }), false]);
  }
  if (machine.memoryAvailableBytes !== undefined) {
    all.push([say('part.memory'), say('health.free', { free: bytesText(machine.memoryAvailableBytes), all: bytesText(machine.memoryBytes) }), false]);
  }
  if (machine.temperatureCelsius !== undefined) all.push([say('part.temperature'), `${Math.round(machine.temperatureCelsius)} °C`, false]);
  all.push([say('health.up'), spanText(status.uptimeSeconds), false]);
  if (status.selfTest) {
    const when = say('health.since', { time: spanText(status.uptimeSeconds - status.selfTest.atUptimeSeconds) });
    all.push([say('health.selfTest'), `${testWords(status.selfTest)} · ${when}`, status.selfTest.findings.length > 0]);
  }
  if (!status.isolated) all.push([say('health.isolation'), say('health.notIsolated'), false]);
  return all;
}

function row(name, value, isBad) {
  const term = document.createElement('dt');
  const definition = document.createElement('dd');
  term.textContent = name;
  definition.textContent = value;
  definition.dataset.bad = String(isBad);
  return [term, definition];
}

function bytesText(bytes) {
  return bytes >= 1 << 30 ? `${(bytes / (1 << 30)).toFixed(1)} GB` : `${Math.round(bytes / (1 << 20))} MB`;
}
