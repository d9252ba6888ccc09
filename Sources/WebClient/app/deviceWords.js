// The box's short English name of a signed-in device, in the page's language.
import { say } from './language.js';

export function deviceWords(name) {
  const [, browser, system] = /^(.+) on (.+)$/.exec(name ?? '') ?? [];
  if (browser) return say('settings.deviceOn', { browser, system });
  return name && name !== 'unknown device' ? name : say('settings.deviceUnknown');
}
