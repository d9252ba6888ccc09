// Full view of the call: the whole screen where the browser can (not on an iPhone), and controls that step back.
import { find } from './page.js';

const quietAfterMilliseconds = 3_500;
let timer = 0;
let onToggle = () => {};

export function isFull() {
  return find('call').dataset.full === 'true';
}

export function setUpFullView(toggled) {
  onToggle = toggled;
  const call = find('call');
  for (const name of ['pointermove', 'pointerdown', 'keydown']) call.addEventListener(name, wake, { passive: true });
  document.addEventListener('fullscreenchange', () => {
    if (!document.fullscreenElement && isFull()) setFull(false);
  });
  document.addEventListener('keydown', (event) => {
    if (event.key === 'Escape' && isFull()) setFull(false);
  });
}

export function setFull(on) {
  const call = find('call');
  if (isFull() === on) return;
  call.dataset.full = String(on);
  if (on) call.requestFullscreen?.().catch(() => {});
  else if (document.fullscreenElement) document.exitFullscreen().catch(() => {});
  wake();
  onToggle();
}

function wake() {
  const call = find('call');
  call.dataset.quiet = 'false';
  clearTimeout(timer);
  if (!isFull()) return;
  timer = setTimeout(() => {
    const keyboardUser = call.querySelector('.call-controls :focus-visible') !== null;
    if (isFull() && !keyboardUser) call.dataset.quiet = 'true';
  }, quietAfterMilliseconds);
}
