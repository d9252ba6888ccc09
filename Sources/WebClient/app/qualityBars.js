// Three bars that say how good a connection is, and the same in words.
import { say, setLabel } from './language.js';

/** `level`: 1 to 3; 0 shows nothing. */
export function drawQuality(element, level) {
  element.hidden = level === 0;
  if (level === 0 || (element.dataset.level === String(level) && element.lang === document.documentElement.lang)) return;
  element.dataset.level = String(level);
  element.lang = document.documentElement.lang;
  const words = say(`quality.${level}`);
  setLabel(element, words);
  element.title = words;
}
