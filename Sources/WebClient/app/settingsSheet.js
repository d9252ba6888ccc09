// Language, the devices that are signed in, and signing out.
import { drawAvatar } from './avatar.js';
import { deviceWords } from './deviceWords.js';
import { errorWords } from './errorWords.js';
import { choice, choose, onLanguage, say } from './language.js';
import { notify } from './notices.js';
import { copyOf, find } from './page.js';
import { get, post } from './request.js';
import { onChange, state } from './state.js';
import { agoText } from './times.js';

let sessions = [];

/** `onSignedOut()` after the person signed this device out. */
export function setUpSettingsSheet(onSignedOut) {
  const sheet = find('settings');
  find('open-settings').addEventListener('click', open);
  find('settings-close').addEventListener('click', () => sheet.close());
  // A click on the backdrop is one on the dialog itself, outside of what is in it.
  sheet.addEventListener('click', (event) => {
    if (event.target === sheet) sheet.close();
  });
  for (const input of document.querySelectorAll('input[name="language"]')) {
    input.addEventListener('change', () => choose(input.value));
  }
  find('sign-out').addEventListener('click', () => signOut(onSignedOut));
  onLanguage(drawSessions);
  onChange(drawMe);
}

export function closeSettings() {
  if (find('settings').open) find('settings').close();
  // Whoever signs in next has others.
  sessions = [];
  drawSessions();
}

function open() {
  for (const input of document.querySelectorAll('input[name="language"]')) input.checked = input.value === choice;
  find('settings').showModal();
  load();
}

async function load() {
  try {
    sessions = (await get('/api/sessions')).sessions;
    showError(null);
  } catch (error) {
    sessions = [];
    showError(error);
  }
  drawSessions();
}

function showError(error) {
  const line = find('sessions-error');
  line.hidden = error === null;
  line.textContent = error ? errorWords(error) : '';
}

function drawMe() {
  if (!state.me) return;
  drawAvatar(find('me-avatar'), state.me);
  drawAvatar(find('settings-avatar'), state.me);
  find('settings-name').textContent = state.me.displayName;
  find('settings-id').textContent = state.me.id;
  find('settings-administrator').hidden = !state.me.administrator;
  find('version').textContent = say('version', { version: state.box?.version ?? '' });
}

function drawSessions() {
  const now = Date.now();
  const rows = sessions
    .toSorted((a, b) => Number(b.current) - Number(a.current) || b.lastSeen - a.lastSeen)
    .map((session) => {
      const row = copyOf('session-row');
      const device = deviceWords(session.device);
      row.querySelector('.session-device').textContent = device;
      row.querySelector('.session-seen').textContent = session.current
        ? say('settings.thisDevice')
        : say('settings.lastSeen', { when: agoText(now - session.lastSeen) });
      const button = row.querySelector('.session-end');
      button.textContent = say('settings.end');
      button.setAttribute('aria-label', say('settings.endLabel', { device }));
      button.hidden = session.current;
      button.addEventListener('click', () => endSession(session, device));
      return row;
    });
  find('sessions').replaceChildren(...rows);
}

async function endSession(session, device) {
  try {
    await post('/api/sessions/end', { session: session.id });
    notify(say('settings.ended', { device }));
    find('settings-close').focus();
    await load();
  } catch (error) {
    showError(error);
  }
}

async function signOut(onSignedOut) {
  try {
    await post('/api/signOut');
  } catch (error) {
    if (error.code !== 'notSignedIn') return showError(error);
  }
  closeSettings();
  onSignedOut();
}
