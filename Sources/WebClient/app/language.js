// Which language the page speaks, and putting its words into the page.
import { words } from './words.js';

const storageKey = 'fieldbox.language';
const listeners = new Set();

/** `auto`, `zh` or `en`: what the person chose. */
export let choice = readChoice();
/** `zh` or `en`: what is spoken. */
export let language = resolve(choice);

function readChoice() {
  try {
    const stored = localStorage.getItem(storageKey);
    return stored === 'zh' || stored === 'en' ? stored : 'auto';
  } catch {
    return 'auto';
  }
}

function resolve(wanted) {
  if (wanted !== 'auto') return wanted;
  for (const tag of navigator.languages ?? [navigator.language]) {
    if (/^zh\b/i.test(tag)) return 'zh';
    if (/^en\b/i.test(tag)) return 'en';
  }
  return 'en';
}

/** Chooses `auto`, `zh` or `en`, keeps it, and rewrites the page. */
export function choose(wanted) {
  choice = wanted;
  language = resolve(wanted);
  try {
    if (wanted === 'auto') localStorage.removeItem(storageKey);
    else localStorage.setItem(storageKey, wanted);
  } catch {
    // Private mode without storage: the choice lasts as long as the page.
  }
  translatePage();
  for (const listener of listeners) listener();
}

/** Calls `listener` after each change of language. */
export function onLanguage(listener) {
  listeners.add(listener);
}

export function has(key) {
  return Object.hasOwn(words.en, key);
}

/** The words for `key`, with `{name}` replaced from `values`. */
export function say(key, values = {}) {
  const text = words[language][key] ?? words.en[key] ?? key;
  if (text === key) console.error(`no words for ${key}`);
  return text.replace(/\{(\w+)\}/g, (whole, name) => (Object.hasOwn(values, name) ? String(values[name]) : whole));
}

/** Fills every element that names its words in `data-t`, `data-t-label` or `data-t-placeholder`. */
export function translatePage() {
  document.documentElement.lang = language === 'zh' ? 'zh-CN' : 'en';
  for (const element of document.querySelectorAll('[data-t]')) element.textContent = say(element.dataset.t);
  for (const element of document.querySelectorAll('[data-t-label]')) setLabel(element, say(element.dataset.tLabel));
  for (const element of document.querySelectorAll('[data-t-placeholder]')) {
    element.placeholder = say(element.dataset.tPlaceholder);
  }
}

/** An accessible name, and the same as a tooltip for those who point. */
export function setLabel(element, text) {
  element.setAttribute('aria-label', text);
  if (element.tagName === 'BUTTON') element.title = text;
}
