// Why a call ended, in plain words.
import { has, say } from './language.js';

export function reasonWords(call) {
  const { reason, direction } = call.view;
  const name = call.view.with.displayName;
  const candidates = [
    call.endedHere ? `reason.${reason}.here` : '',
    call.length !== null ? `reason.${reason}.connected` : '',
    `reason.${reason}.${direction}`,
    `reason.${reason}`,
  ];
  return say(candidates.find(has) ?? 'reason.lost', { name });
}
