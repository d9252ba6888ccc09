// Tells the box when this page sleeps, so that others are not told that it would ring.
import { post, postLeaving } from './request.js';
import { state } from './state.js';

let told = 'awake';

export function reportAwake() {
  const now = document.hidden ? 'asleep' : 'awake';
  if (now === told || !state.device) return;
  told = now;
  post('/api/presence', { device: state.device, state: now }, { keepalive: true }).catch(() => {
    told = '';
  });
}

/** A fresh device counts as awake until it says otherwise. */
export function startedAwake() {
  told = 'awake';
  reportAwake();
}

// A browser keeps its connection for other tabs, so the box would not notice that this one is closed or loaded anew.
function reportGone() {
  if (state.device) postLeaving('/api/presence', { device: state.device, state: 'gone' });
}

export function watchAwake() {
  addEventListener('pagehide', reportGone);
  document.addEventListener('visibilitychange', reportAwake);
}
