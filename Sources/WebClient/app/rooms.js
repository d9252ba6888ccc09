// Rooms from this page: where it is (the list, a lobby, a room), and what the person may do there.
import { shownCall } from './calls.js';
import { errorWords } from './errorWords.js';
import { has, say } from './language.js';
import { notify } from './notices.js';
import { get, post } from './request.js';
import { openMedia, Room } from './room.js';
import { changed, state } from './state.js';

const refreshTries = 3;

export const rooms = {
  /** RoomSummary of each room that this person knows. */
  known: [],
  /** `{summary, media, since, joining, problem}` while this page is in a lobby. */
  lobby: null,
  /** The room that this page is in. */
  room: null,
  /** id → Invitation */
  invitations: new Map(),
  chatOpen: false,
};

const earlyOffers = new Map();

export async function loadRooms() {
  try {
    rooms.known = (await get('/api/rooms')).rooms;
    changed();
  } catch (error) {
    if (error.code !== 'offline') notify(errorWords(error));
  }
}

/** Makes a room and goes to its lobby. Throws what the box refuses. */
export async function createRoom(name, limit) {
  const { room } = await post('/api/rooms/create', limit ? { name, limit } : { name });
  enterLobby(room);
  loadRooms();
}

/** Goes to the lobby of the room with that code. Throws what the box refuses. */
export async function findRoom(code) {
  const { room } = await post('/api/rooms/find', { code });
  enterLobby(room);
}

export function enterLobby(summary) {
  if (rooms.room || (shownCall() && shownCall().phase !== 'ended')) return;
  rooms.lobby?.media.stop();
  rooms.lobby = { summary, media: openMedia(changed), since: performance.now(), joining: false, problem: '' };
  changed();
}

export function leaveLobby() {
  rooms.lobby?.media.stop();
  rooms.lobby = null;
  changed();
}

/** From the lobby into the room. */
export async function joinRoom() {
  const { lobby } = rooms;
  if (!lobby || lobby.joining) return;
  lobby.joining = true;
  lobby.problem = '';
  changed();
  try {
    const sends = lobby.media.sends;
    const { room } = await post('/api/rooms/join', { device: state.device, code: lobby.summary.code, ...sends });
    if (rooms.lobby !== lobby) return;
    rooms.lobby = null;
    begin(room, lobby.media);
  } catch (error) {
    lobby.joining = false;
    lobby.problem = errorWords(error);
    refresh(lobby);
    changed();
  }
}

// Whether the room has filled, or emptied, or is gone meanwhile.
async function refresh(lobby, tries = refreshTries) {
  try {
    lobby.summary = (await post('/api/rooms/find', { code: lobby.summary.code })).room;
    changed();
  } catch (error) {
    if (error.code === 'offline' && tries > 0) setTimeout(refresh, 1_000, lobby, tries - 1);
  }
}

function begin(view, media) {
  // The event may have been quicker than the answer.
  if (rooms.room?.id === view.id) return;
  rooms.room = new Room(view, media);
  rooms.room.adopt();
  remember(view.code);
  rooms.chatOpen = matchMedia('(min-width: 1100px)').matches;
  const offer = earlyOffers.get(view.id);
  earlyOffers.clear();
  if (offer) rooms.room.take(offer);
  rooms.room.readChat();
  rooms.room.tell();
  changed();
}

/** Leaves the room for its lobby: at once, whatever the network does. */
export function leaveRoom() {
  const { room } = rooms;
  if (!room) return;
  post('/api/rooms/leave', { device: state.device, room: room.id }, { keepalive: true }).catch(() => {});
  const { code, name, limit, seats } = room.view;
  end();
  enterLobby({ code, name, limit, people: Math.max(0, seats.length - 1), host: '' });
  if (rooms.lobby) refresh(rooms.lobby);
}

function end() {
  if (rooms.room) remember(null);
  rooms.room?.finish();
  rooms.room = null;
  changed();
}

export async function invite(user) {
  try {
    await post('/api/rooms/invite', { device: state.device, room: rooms.room?.id, user });
    notify(say('room.invited', { name: state.people.get(user)?.displayName ?? user }));
  } catch (error) {
    const special = `error.${error.code}.invite`;
    notify(has(special) ? say(special) : errorWords(error));
  }
}

/** Accepts: into the lobby's place goes the room itself. */
export function acceptInvitation(invitation) {
  rooms.invitations.delete(invitation.id);
  enterLobby(invitation.room);
  joinRoom();
}

export function declineInvitation(invitation) {
  rooms.invitations.delete(invitation.id);
  post('/api/rooms/decline', { device: state.device, invitation: invitation.id }).catch(() => {});
  changed();
}

/** Says a line; again while nobody hears it, under the same key, so that it is said once. */
export async function sendLine(text, tries = 5, key = crypto.randomUUID()) {
  const { room } = rooms;
  if (!room) return;
  try {
    await post('/api/rooms/chat', { device: state.device, room: room.id, key, text });
  } catch (error) {
    if (error.code === 'offline' && tries > 0) setTimeout(sendLine, 1_000, text, tries - 1, key);
    else notify(errorWords(error));
  }
}

// MARK: What the box tells

export const roomEvents = {
  room(view) {
    const { room } = rooms;
    if (room?.id === view.id) {
      if (view.left) {
        const words = `room.left.${view.left}`;
        end();
        if (view.left !== 'left' && has(words)) notify(say(words, { name: view.name }));
      } else {
        room.update(view);
        if (room.me) room.tell();
      }
    } else if (!view.left && rooms.lobby?.joining && rooms.lobby.summary.code === view.code) {
      const { media } = rooms.lobby;
      rooms.lobby = null;
      begin(view, media);
    }
  },
  speaking({ room, seats }) {
    if (rooms.room?.id === room) rooms.room.speaking = seats;
  },
  chat({ room, line }) {
    if (rooms.room?.id === room) rooms.room.chatCame(line, rooms.chatOpen);
  },
  invitation(invitation) {
    if (invitation.ringMilliseconds > 0) rooms.invitations.set(invitation.id, invitation);
    else rooms.invitations.delete(invitation.id);
  },
};

/** An `offer` that names a room. */
export function roomOfferCame(offer) {
  if (rooms.room?.id === offer.room) rooms.room.take(offer);
  else if (rooms.lobby?.joining) earlyOffers.set(offer.room, offer);
}

/** The event `hello`: what it does not name is over. */
export function roomsKnown(views, invitations) {
  rooms.invitations = new Map(invitations.map((one) => [one.id, one]));
  const { room } = rooms;
  const view = views.find((one) => one.id === room?.id);
  if (room && view) {
    room.update(view);
    room.readChat();
    room.resume();
  } else if (room) {
    end();
    notify(say('room.left.gone', { name: room.view.name }));
  }
  if (!rooms.room) returnToRoom();
}

export function resumeRooms() {
  rooms.room?.resume();
}

export function forgetRooms() {
  leaveLobby();
  end();
  rooms.known = [];
  rooms.invitations.clear();
}

// A page that is loaded anew, by hand or after a crash, goes back to the seat that the box keeps for it.
const returnKey = 'fieldbox.room';

function remember(code) {
  try {
    if (code) sessionStorage.setItem(returnKey, code);
    else sessionStorage.removeItem(returnKey);
  } catch {
    // Private mode without storage: the link of the room is another way back.
  }
}

/** Where this page was before it was loaded anew, once. */
export async function returnToRoom() {
  let code = null;
  try {
    code = sessionStorage.getItem(returnKey);
  } catch {
    return;
  }
  if (!code || rooms.room || rooms.lobby) return;
  remember(null);
  try {
    await findRoom(code);
    await joinRoom();
  } catch {
    // The room is gone.
  }
}
