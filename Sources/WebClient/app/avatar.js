// A face for those who have none: initials on a colour that stays the same for a person.

const hues = 8;

/** One or two letters: of the first and last word, or the last one of a name written without spaces (as in Chinese). */
function initials(name) {
  const words = name.trim().split(/[\s·・]+/u).filter(Boolean);
  if (words.length === 0) return '?';
  const first = letters(words[0]);
  if (/\p{Script=Han}/u.test(words[0])) return first.length > 2 ? first.slice(-2).join('') : first.join('');
  const last = words.length > 1 ? letters(words[words.length - 1])[0] : '';
  return `${first[0]}${last}`.toLocaleUpperCase();
}

function letters(text) {
  if (!Intl.Segmenter) return Array.from(text);
  return Array.from(new Intl.Segmenter().segment(text), (part) => part.segment);
}

/** 0 … 7, from the id. */
function hueOf(id) {
  let sum = 7;
  for (const letter of id) sum = (sum * 31 + letter.codePointAt(0)) % 9973;
  return sum % hues;
}

export function drawAvatar(element, person) {
  const isBox = person.kind === 'box';
  element.dataset.hue = isBox ? 'box' : String(hueOf(person.id));
  if (isBox) element.replaceChildren(boxIcon());
  else element.textContent = initials(person.displayName);
}

function boxIcon() {
  const space = 'http://www.w3.org/2000/svg';
  const icon = document.createElementNS(space, 'svg');
  icon.setAttribute('class', 'icon');
  const use = document.createElementNS(space, 'use');
  use.setAttribute('href', '#icon-box');
  icon.append(use);
  return icon;
}
