// A refused request in plain words.
import { has, say } from './language.js';
import { RequestError } from './request.js';

export function errorWords(error) {
  if (!(error instanceof RequestError)) return say('error.internal');
  const special = `error.${error.code}.${error.field}`;
  if (has(special)) return say(special);
  const key = `error.${error.code}`;
  return say(has(key) ? key : 'error.internal', { seconds: error.retryAfter ?? 60 });
}
