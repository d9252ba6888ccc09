// Sign in and register.
import { errorWords } from './errorWords.js';
import { choose, language, onLanguage, say } from './language.js';
import { find } from './page.js';
import { post } from './request.js';

const rules = {
  id: /^[a-z0-9._-]{2,32}$/,
  displayName: /^(?=.*\S)[^\p{Cc}]{1,64}$/u,
  password: /^.{8,128}$/su,
};
let signedIn = () => {};

/** `onSignedIn(me, isNew)` after either form has succeeded. */
export function setUpWelcomeScreen(onSignedIn) {
  signedIn = onSignedIn;
  setUpTabs();
  find('sign-in').addEventListener('submit', (event) => submit(event, '/api/signIn', false));
  find('register').addEventListener('submit', (event) => submit(event, '/api/register', true));
  for (const form of [find('sign-in'), find('register')]) {
    form.addEventListener('input', (event) => showFieldError(event.target, ''));
    // The Enter that takes a word from an input method is not one that sends the form.
    form.addEventListener('keydown', (event) => {
      if (event.key === 'Enter' && (event.isComposing || event.keyCode === 229)) event.preventDefault();
    });
  }
  for (const button of document.querySelectorAll('[data-language]')) {
    button.addEventListener('click', () => choose(button.dataset.language));
  }
  onLanguage(languageChanged);
  languageChanged();
}

/** For somebody who was here before. */
export function showSignIn() {
  selectTab(find('tab-sign-in'));
  find('sign-in-id').focus();
}

function languageChanged() {
  for (const button of document.querySelectorAll('[data-language]')) {
    button.setAttribute('aria-pressed', String(button.dataset.language === language));
  }
  for (const form of [find('sign-in'), find('register')]) clearErrors(form);
}

function setUpTabs() {
  const tabs = [find('tab-sign-in'), find('tab-register')];
  for (const tab of tabs) {
    tab.addEventListener('click', () => selectTab(tab));
    tab.addEventListener('keydown', (event) => {
      if (!['ArrowLeft', 'ArrowRight'].includes(event.key)) return;
      const other = tabs.find((one) => one !== tab);
      selectTab(other);
      other.focus();
    });
  }
}

function selectTab(chosen) {
  for (const tab of [find('tab-sign-in'), find('tab-register')]) {
    const isChosen = tab === chosen;
    tab.setAttribute('aria-selected', String(isChosen));
    tab.tabIndex = isChosen ? 0 : -1;
    find(tab.getAttribute('aria-controls')).hidden = !isChosen;
  }
}

async function submit(event, path, checked) {
  event.preventDefault();
  const form = event.currentTarget;
  const button = form.querySelector('[type="submit"]');
  if (button.getAttribute('aria-busy') === 'true') return;
  clearErrors(form);
  const body = {};
  for (const input of form.elements) if (input.name) body[input.name] = tidy(input);
  if (!check(form, body, checked)) return;
  button.setAttribute('aria-busy', 'true');
  try {
    const { me } = await post(path, body);
    form.reset();
    signedIn(me, checked);
  } catch (error) {
    showError(form, error);
  } finally {
    button.removeAttribute('aria-busy');
  }
}

function tidy(input) {
  if (input.name === 'password') return input.value;
  const text = input.value.trim();
  return input.name === 'id' ? text.toLowerCase() : text;
}

/** Says what is wrong before the box has to; `checked`: by all the rules, not just for emptiness. */
function check(form, body, checked) {
  let first = null;
  for (const [name, value] of Object.entries(body)) {
    const key = value === '' ? 'error.required' : checked && !rules[name].test(value) ? `error.invalid.${name}` : null;
    if (!key) continue;
    const input = form.elements.namedItem(name);
    showFieldError(input, say(key));
    first ??= input;
  }
  first?.focus();
  return first === null;
}

function showError(form, error) {
  const field = error.field ?? (error.code === 'idTaken' ? 'id' : null);
  const input = field && form.elements.namedItem(field);
  if (input) {
    showFieldError(input, errorWords(error));
    input.focus();
    return;
  }
  const line = form.querySelector('.form-error');
  line.textContent = errorWords(error);
  line.hidden = false;
  form.elements.namedItem('password').focus();
}

function showFieldError(input, text) {
  const line = document.getElementById(`${input.id}-error`);
  if (!line) return;
  line.textContent = text;
  line.hidden = text === '';
  const hint = document.getElementById(`${input.id}-hint`);
  if (hint) hint.hidden = text !== '';
  if (text) {
    input.setAttribute('aria-invalid', 'true');
    input.setAttribute('aria-describedby', line.id);
  } else {
    input.removeAttribute('aria-invalid');
    if (hint) input.setAttribute('aria-describedby', hint.id);
    else input.removeAttribute('aria-describedby');
  }
}

function clearErrors(form) {
  for (const input of form.elements) if (input.name) showFieldError(input, '');
  form.querySelector('.form-error').hidden = true;
}
