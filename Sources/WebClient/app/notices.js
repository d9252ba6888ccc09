// A short word at the edge of the page that goes away by itself.
import { find } from './page.js';

const shownMilliseconds = 6_000;

export function notify(text) {
  const notice = document.createElement('p');
  notice.className = 'notice';
  notice.textContent = text;
  const notices = find('notices');
  notices.append(notice);
  while (notices.childElementCount > 3) notices.firstElementChild.remove();
  setTimeout(() => notice.remove(), shownMilliseconds);
}
