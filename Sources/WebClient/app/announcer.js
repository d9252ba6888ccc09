// What a screen reader should say now.
import { find } from './page.js';

export function announce(text) {
  const region = find('announcer');
  region.textContent = '';
  requestAnimationFrame(() => {
    region.textContent = text;
  });
}
