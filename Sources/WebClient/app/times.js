// Times for people.
import { language } from './language.js';

/** `0:07`, `12:34`, `1:02:03` */
export function clockText(milliseconds) {
  const all = Math.max(0, Math.floor(milliseconds / 1000));
  const seconds = String(all % 60).padStart(2, '0');
  const minutes = Math.floor(all / 60) % 60;
  const hours = Math.floor(all / 3600);
  return hours > 0 ? `${hours}:${String(minutes).padStart(2, '0')}:${seconds}` : `${minutes}:${seconds}`;
}

/** “3 hours ago”, in the page's language. */
export function agoText(milliseconds) {
  const format = new Intl.RelativeTimeFormat(language, { numeric: 'auto' });
  const minutes = Math.round(milliseconds / 60_000);
  if (minutes < 60) return format.format(-Math.max(0, minutes), 'minute');
  const hours = Math.round(minutes / 60);
  if (hours < 24) return format.format(-hours, 'hour');
  return format.format(-Math.round(hours / 24), 'day');
}

/** A length of time in its largest unit: “3 hours”, in the page's language. */
export function spanText(seconds) {
  const unit = seconds < 60 ? 'second' : seconds < 3_600 ? 'minute' : seconds < 86_400 ? 'hour' : 'day';
  const size = { second: 1, minute: 60, hour: 3_600, day: 86_400 }[unit];
  const count = Math.max(0, Math.floor(seconds / size));
  return new Intl.NumberFormat(language, { style: 'unit', unit, unitDisplay: 'long' }).format(count);
}

/** The same as `clockText` for those who listen, as the `datetime` of a time element. */
export function durationAttribute(milliseconds) {
  return `PT${Math.max(0, Math.floor(milliseconds / 1000))}S`;
}

