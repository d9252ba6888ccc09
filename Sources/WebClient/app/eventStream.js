// The one stream of events from the box. It reconnects by itself and goes on where it stopped.
import { get } from './request.js';

const names = ['hello', 'person', 'call', 'offer', 'signal', 'room', 'speaking', 'chat', 'invitation', 'me', 'sessionEnded'];
const firstDelay = 300;
const longestDelay = 5_000;

export class EventStream {
  #source = null;
  #lastId = '';
  #timer = 0;
  #delay = firstDelay;
  #wanted = false;
  #hiddenAt = 0;

  /** `onEvent(name, data)`, `onConnection(online)`, `onSignedOut()`. */
  constructor({ onEvent, onConnection, onSignedOut }) {
    this.onEvent = onEvent;
    this.onConnection = onConnection;
    this.onSignedOut = onSignedOut;
    addEventListener('online', () => this.#reopen());
    addEventListener('offline', () => this.#wanted && this.onConnection(false));
    // A page that is left tells the box so (awake.js); it must not come back by itself while the browser still keeps it.
    addEventListener('pagehide', () => this.#pause());
    addEventListener('pageshow', (event) => event.persisted && this.#reopen());
    document.addEventListener('visibilitychange', () => this.#visibility());
  }

  open() {
    this.#wanted = true;
    this.#lastId = '';
    this.#connect();
  }

  close() {
    this.#wanted = false;
    this.#pause();
  }

  #pause() {
    clearTimeout(this.#timer);
    this.#source?.close();
    this.#source = null;
  }

  // A sleeping phone loses its connection without being told: after a real sleep the stream is opened anew.
  #visibility() {
    if (document.hidden) this.#hiddenAt = Date.now();
    else if (this.#source?.readyState !== EventSource.OPEN || Date.now() - this.#hiddenAt > 20_000) this.#reopen();
  }

  #reopen() {
    if (!this.#wanted) return;
    this.#delay = firstDelay;
    this.#connect();
  }

  #connect() {
    clearTimeout(this.#timer);
    this.#source?.close();
    const resume = this.#lastId ? `?last=${encodeURIComponent(this.#lastId)}` : '';
    const source = new EventSource(`/api/events${resume}`);
    this.#source = source;
    source.onopen = () => {
      this.#delay = firstDelay;
      this.onConnection(true);
    };
    source.onerror = () => this.#failed(source);
    for (const name of names) {
      source.addEventListener(name, (event) => {
        if (source !== this.#source) return;
        if (event.lastEventId) this.#lastId = event.lastEventId;
        this.onEvent(name, parse(event.data));
      });
    }
  }

  // The browser's own way of reconnecting gives up on some errors and waits long on others: one way for all of them.
  async #failed(source) {
    if (source !== this.#source) return;
    const refused = source.readyState === EventSource.CLOSED;
    source.close();
    this.onConnection(false);
    const delay = this.#delay;
    this.#delay = Math.min(longestDelay, delay * 1.7);
    if (refused && (await isSignedOut())) {
      if (source === this.#source && this.#wanted) this.onSignedOut();
      return;
    }
    if (source !== this.#source || !this.#wanted) return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#connect(), delay * (0.75 + Math.random() / 2));
  }
}

function parse(text) {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

async function isSignedOut() {
  try {
    await get('/api/me');
    return false;
  } catch (error) {
    return error.code === 'notSignedIn';
  }
}
