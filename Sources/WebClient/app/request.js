// Requests to the box: JSON out, JSON back, and errors by their code.

/** What the box (or the way to it) said instead of an answer. `code` is a key of the words under `error.`. */
export class RequestError extends Error {
  constructor(code, { field = null, retryAfter = null } = {}) {
    super(code);
    this.code = code;
    this.field = field;
    /** Seconds, or null. */
    this.retryAfter = retryAfter;
  }
}

const timeoutMilliseconds = 15_000;

export function get(path) {
  return send(path, { method: 'GET' });
}

/** `keepalive` lets the request outlive the page. */
export function post(path, body = {}, { keepalive = false } = {}) {
  return send(path, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(body),
    keepalive,
  });
}

/** The last word of a page that is being left: the browser sees to it that it is sent, and nobody hears the answer. */
export function postLeaving(path, body) {
  const json = new Blob([JSON.stringify(body)], { type: 'application/json' });
  if (!navigator.sendBeacon(path, json)) post(path, body, { keepalive: true }).catch(() => {});
}

async function send(path, options) {
  let response;
  try {
    response = await fetch(path, { ...options, cache: 'no-store', signal: AbortSignal.timeout(timeoutMilliseconds) });
  } catch {
    throw new RequestError('offline');
  }
  const body = await response.json().catch(() => null);
  if (response.ok) return body ?? {};
  const retryAfter = Number.parseInt(response.headers.get('Retry-After') ?? '', 10);
  throw new RequestError(body?.error?.code ?? 'internal', {
    field: body?.error?.field ?? null,
    retryAfter: Number.isFinite(retryAfter) ? retryAfter : null,
  });
}
