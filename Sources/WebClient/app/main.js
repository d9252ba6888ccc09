// Starts the client and leads between signed out and signed in.
import { offerAdministrator, setUpAdministratorHint } from './administratorHint.js';
import { setTitle } from './attention.js';
import { reportAwake, startedAwake, watchAwake } from './awake.js';
import { callChanged, callsKnown, forgetCalls, offerCame, resumeCalls, signalCame, watchLeaving } from './calls.js';
import { setUpCallScreen } from './callScreen.js';
import { watchDevices } from './devices.js';
import { setUpDevicesSheet } from './devicesSheet.js';
import { EventStream } from './eventStream.js';
import { setUpIncomingDialog } from './incomingDialog.js';
import { closeHealth, setUpHealthSheet } from './healthSheet.js';
import { onLanguage, say, translatePage } from './language.js';
import { watchPermissions } from './localMedia.js';
import { notify } from './notices.js';
import { find, showScreen } from './page.js';
import { setUpPeopleList } from './peopleList.js';
import { warmUp } from './peer.js';
import { setUpPersonStage } from './personStage.js';
import { get } from './request.js';
import { forgetRooms, resumeRooms, roomEvents, roomOfferCame, roomsKnown } from './rooms.js';
import { setUpLobby } from './lobby.js';
import { setUpRoomInvitation } from './roomInvitation.js';
import { setUpRoomScreen } from './roomScreen.js';
import { openRoomOfLink, setUpRoomsSheet, closeRooms } from './roomsSheet.js';
import { closeSettings, setUpSettingsSheet } from './settingsSheet.js';
import { changed, state } from './state.js';
import { enableSound, needsTouch, onSoundChange, watchFirstTouch } from './tones.js';
import { setUpWelcomeScreen, showSignIn } from './welcomeScreen.js';

const retryMilliseconds = 2_000;

const stream = new EventStream({
  onEvent: eventCame,
  onConnection: (online) => {
    state.online = online;
    find('offline').hidden = online;
    if (online) {
      reportAwake();
      resumeCalls();
      resumeRooms();
    }
    changed();
  },
  onSignedOut: () => signedOut(say('signedOut')),
});

const events = {
  hello(data) {
    state.me = data.me;
    state.device = data.device;
    state.people = new Map(data.people.map((person) => [person.id, person]));
    callsKnown(data.calls, data.serverTime);
    roomsKnown(data.rooms, data.invitations);
    openRoomOfLink();
    startedAwake();
  },
  person(person) {
    state.people.set(person.id, person);
  },
  call: callChanged,
  offer(offer) {
    if (offer.room) roomOfferCame(offer);
    else offerCame(offer);
  },
  signal: signalCame,
  ...roomEvents,
  me(me) {
    if (me.administrator && state.me && !state.me.administrator) notify(say('administrator.became'));
    state.me = me;
  },
  sessionEnded() {
    signedOut(say('signedOut'));
  },
};

function eventCame(name, data) {
  if (data === null) return;
  events[name](data);
  changed();
}

function signedIn(me, { fresh }) {
  state.me = me;
  state.selected = null;
  find('home').dataset.showing = 'list';
  find('search').value = '';
  if (fresh) offerAdministrator();
  showScreen('home');
  changed();
  stream.open();
  warmUp();
  drawSoundHint();
}

function signedOut(words) {
  stream.close();
  forgetCalls();
  forgetRooms();
  closeRooms();
  closeSettings();
  closeHealth();
  Object.assign(state, { me: null, device: null, people: new Map(), selected: null, online: true });
  find('offline').hidden = true;
  showScreen('welcome');
  showSignIn();
  if (words) notify(words);
  changed();
}

function drawSoundHint() {
  find('enable-sound').hidden = !state.me || !needsTouch();
}

async function start() {
  try {
    state.box = await get('/api/box');
    for (const name of document.querySelectorAll('.box-name')) name.textContent = state.box.name;
    setTitle(state.box.name);
    find('offline').hidden = true;
    signedIn((await get('/api/me')).me, { fresh: false });
  } catch (error) {
    if (error.code === 'notSignedIn') return showScreen('welcome');
    find('offline').hidden = false;
    setTimeout(start, retryMilliseconds);
  }
}

translatePage();
onLanguage(changed);
setUpWelcomeScreen((me, fresh) => signedIn(me, { fresh }));
setUpPeopleList();
setUpPersonStage();
setUpAdministratorHint();
setUpIncomingDialog();
setUpCallScreen();
setUpRoomsSheet();
setUpLobby();
setUpRoomScreen();
setUpRoomInvitation();
setUpDevicesSheet();
setUpHealthSheet();
setUpSettingsSheet(() => signedOut(''));
watchFirstTouch();
watchAwake();
watchDevices();
watchLeaving();
watchPermissions();
onSoundChange(drawSoundHint);
find('enable-sound').addEventListener('click', enableSound);
start();
