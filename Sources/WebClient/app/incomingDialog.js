// A call that rings here: who it is, the live picture if there is one, and the answer.
import { announce } from './announcer.js';
import { callAttention } from './attention.js';
import { drawAvatar } from './avatar.js';
import { accept, reject, ringingCall, shownCall } from './calls.js';
import { say } from './language.js';
import { find, setIcon } from './page.js';
import { onChange } from './state.js';
import { show } from './streams.js';
import { sound } from './tones.js';

let ringing = null;
let silenced = null;

export function setUpIncomingDialog() {
  const dialog = find('incoming');
  const preview = find('preview');
  find('accept').addEventListener('click', () => ringing && accept(ringing, { video: ringing.view.video }));
  find('accept-voice').addEventListener('click', () => ringing && accept(ringing, { video: false }));
  find('reject').addEventListener('click', () => ringing && reject(ringing));
  // Escape hushes the bell and leaves the question: a call is not refused by accident.
  dialog.addEventListener('cancel', (event) => {
    event.preventDefault();
    silenced = ringing;
    draw();
  });
  dialog.addEventListener('close', () => queueMicrotask(draw));
  preview.addEventListener('loadeddata', draw);
  preview.addEventListener('emptied', draw);
  onChange(draw);
}

function draw() {
  const call = ringingCall();
  const dialog = find('incoming');
  const began = call !== null && call !== ringing;
  ringing = call;
  sounds(call);
  callAttention(call && say('call.titleRinging', { name: call.view.with.displayName }));
  if (!call) {
    if (dialog.open) dialog.close();
    show(find('preview'), null);
    return;
  }
  const { with: person, video } = call.view;
  find('incoming-name').textContent = person.displayName;
  find('incoming-line').textContent = say(
    person.kind === 'box' ? 'call.incomingBox' : video ? 'call.video' : 'call.voice',
  );
  drawAvatar(find('incoming-avatar'), person);
  find('accept-voice-action').hidden = !video;
  setIcon(find('accept'), video ? 'video' : 'phone');
  const preview = find('preview');
  show(preview, call.view.preview ? call.peer?.video : null);
  dialog.dataset.preview = String(preview.srcObject !== null && preview.readyState >= 2);
  if (!dialog.open) dialog.showModal();
  if (!began) return;
  // Not on a button: a person who is typing must not answer with the next space or Enter.
  find('incoming-name').focus();
  announce(say(video ? 'call.announceRinging' : 'call.announceRingingVoice', { name: person.displayName }));
}

function sounds(call) {
  const placed = shownCall();
  if (call && call !== silenced) sound('ring');
  else if (placed?.phase === 'calling' && placed.view.state === 'ringing') sound('ringback');
  else sound(null);
}
