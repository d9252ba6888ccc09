// All calls of this page: which one is on the screen, which ones ring, and what the person may do with them.
import { Call } from './call.js';
import { errorWords } from './errorWords.js';
import { notify } from './notices.js';
import { warmUp } from './peer.js';
import { reasonWords } from './reasonWords.js';
import { post, postLeaving } from './request.js';
import { changed, state } from './state.js';

/** id → Call, as long as it lives. */
const calls = new Map();
/** Offers that came before the call they belong to. */
const earlyOffers = new Map();
/** Calls that the person has left here, while the box may not know yet. */
const left = new Set();
const tellTries = 30;
const tellAgainMilliseconds = 1_000;
const acceptTries = 10;
const acceptAgainMilliseconds = 300;
/** The call on the call screen: also for a while after its end. */
let shown = null;
let clockOffset = 0;

export function shownCall() {
  return shown;
}

/** The first call that rings here and waits for an answer. */
export function ringingCall() {
  for (const call of calls.values()) if (call.phase === 'ringing') return call;
  return null;
}

function isBusy() {
  return shown !== null && shown.phase !== 'ended';
}

/** Calls a person. The screen shows it at once; microphone and camera open while the box is asked. */
export async function startCall(person, { video }) {
  if (isBusy()) return;
  const { id, displayName, kind } = person;
  const call = new Call({
    id: null,
    state: 'inviting',
    direction: 'outgoing',
    with: { id, displayName, kind },
    audio: true,
    video,
    theirMedia: { audio: true, video },
    preview: false,
    mine: true,
  });
  shown = call;
  call.join({ video });
  changed();
  try {
    const answer = await post('/api/calls/start', { device: state.device, callee: id, audio: true, video });
    if (call.endedHere) {
      calls.delete(answer.call.id);
      tell('hangUp', answer.call.id);
    } else if (call.id === null) {
      adopt(call, answer.call);
    }
  } catch (error) {
    // The answer was lost, and its event came: the call is there.
    if (call.id !== null) return;
    if (shown === call) shown = null;
    call.finish({ ...call.view, state: 'ended' });
    if (!call.endedHere) notify(errorWords(error));
    changed();
  }
}

function adopt(call, view) {
  call.update(view, clockOffset);
  calls.set(view.id, call);
  if (view.state === 'ended') return end(call, view);
  const offer = earlyOffers.get(view.id);
  earlyOffers.delete(view.id);
  if (offer) call.take(offer);
  if (view.mine) call.tellMedia();
  changed();
}

/** Answers a ringing call. */
export async function accept(call, { video }) {
  if (call.phase !== 'ringing') return;
  shown = call;
  call.join({ video });
  changed();
  try {
    await tellAccepted(call);
    call.tellMedia();
  } catch (error) {
    if (!calls.has(call.id)) return;
    call.endedHere = true;
    end(call, { ...call.view, state: 'ended' });
    notify(errorWords(error));
  }
}

// Again while nobody hears it: the server may be starting anew, and goes on with the call.
async function tellAccepted(call) {
  for (let tries = acceptTries; ; tries -= 1) {
    try {
      return await post('/api/calls/accept', { device: state.device, call: call.id });
    } catch (error) {
      // It was heard, and the answer was lost.
      if (call.view.mine) return null;
      if (error.code !== 'offline' || tries === 0 || !calls.has(call.id)) throw error;
    }
    await new Promise((resolve) => setTimeout(resolve, acceptAgainMilliseconds));
  }
}

export function reject(call) {
  call.endedHere = true;
  tell('reject', call.id);
  end(call, { ...call.view, state: 'ended', reason: 'rejected' });
}

/** Ends or cancels the call: here at once, whatever the network does. */
export function hangUp(call) {
  call.endedHere = true;
  const reason = call.phase === 'calling' ? 'cancelled' : 'hungUp';
  if (call.id !== null) tell('hangUp', call.id);
  end(call, { ...call.view, state: 'ended', reason });
}

/** Closes the screen of a call that has ended. */
export function dismiss() {
  if (shown?.phase !== 'ended') return;
  shown = null;
  changed();
}

// Again and again while the box does not hear it: else the call would live on there.
function tell(what, id, tries = tellTries) {
  left.add(id);
  post(`/api/calls/${what}`, { device: state.device, call: id }, { keepalive: true }).catch((error) => {
    const mayHelp = ['offline', 'internal', 'rateLimited'].includes(error.code);
    if (mayHelp && tries > 0 && state.me) setTimeout(tell, tellAgainMilliseconds, what, id, tries - 1);
  });
}

function end(call, view) {
  const wasRinging = call.phase === 'ringing';
  call.finish(view);
  calls.delete(view.id);
  earlyOffers.delete(view.id);
  if (shown === call && call.endedHere) {
    shown = null;
    notify(reasonWords(call));
  } else if (wasRinging && !call.endedHere) {
    notify(reasonWords(call));
  }
  setTimeout(warmUp, 500);
  changed();
}

/** The event `call`. */
export function callChanged(view) {
  const call = calls.get(view.id);
  if (!call) return callAppeared(view);
  if (view.state === 'ended') return end(call, view);
  call.update(view, clockOffset);
  changed();
}

function callAppeared(view) {
  if (view.state === 'ended') {
    left.delete(view.id);
    return;
  }
  if (left.has(view.id)) return;
  const placing = shown?.id === null && !shown.endedHere && shown.view.with.id === view.with.id;
  if (view.direction === 'outgoing' && view.mine && placing) return adopt(shown, view);
  // The person gave up placing it before the box had answered.
  if (view.mine) return tell('hangUp', view.id);
  // In progress on another device of the same person, or a call of which this page knows nothing.
  if (view.direction === 'outgoing' || view.state === 'connecting' || view.state === 'connected') return;
  adopt(new Call(view), view);
}

/** The event `offer`. */
export function offerCame(offer) {
  const call = calls.get(offer.call);
  if (call) call.take(offer);
  else if (earlyOffers.size < 8) earlyOffers.set(offer.call, offer);
}

/** The event `signal`: of a call of this page, or of one that is over here. */
export function signalCame(signal) {
  calls.get(signal.call)?.hear(signal);
}

/** The event `hello`: the whole truth. What it does not name is over. */
export function callsKnown(views, serverTime) {
  clockOffset = Number.isFinite(serverTime) ? serverTime - Date.now() : 0;
  const named = new Set(views.map((view) => view.id));
  for (const [id, call] of calls) if (!named.has(id)) end(call, { ...call.view, state: 'ended', reason: 'lost' });
  for (const view of views) callChanged(view);
  for (const call of calls.values()) call.resume();
}

/** The way to the box is back without a new `hello`. */
export function resumeCalls() {
  for (const call of calls.values()) call.resume();
}

/** Signed out: nothing of this stays. */
export function forgetCalls() {
  for (const call of calls.values()) call.finish({ ...call.view, state: 'ended' });
  if (shown?.id === null) shown.finish({ ...shown.view, state: 'ended' });
  calls.clear();
  earlyOffers.clear();
  left.clear();
  shown = null;
  changed();
}

/** A page that goes away ends the call that runs in it. */
export function watchLeaving() {
  addEventListener('pagehide', (event) => {
    if (!event.persisted && isBusy() && shown.id !== null) {
      left.add(shown.id);
      postLeaving('/api/calls/hangUp', { device: state.device, call: shown.id });
    }
  });
}
