// Somebody wants this person in a room: who, in which, and the answer.
import { announce } from './announcer.js';
import { drawAvatar } from './avatar.js';
import { shownCall } from './calls.js';
import { say } from './language.js';
import { find } from './page.js';
import { acceptInvitation, declineInvitation, rooms } from './rooms.js';
import { onChange } from './state.js';
import { sound } from './tones.js';

let shown = null;

export function setUpRoomInvitation() {
  find('invitation-accept').addEventListener('click', () => shown && acceptInvitation(shown));
  find('invitation-decline').addEventListener('click', () => shown && declineInvitation(shown));
  find('invitation').addEventListener('cancel', (event) => {
    event.preventDefault();
    sound(null);
  });
  onChange(draw);
}

function draw() {
  const dialog = find('invitation');
  const busy = rooms.room !== null || (shownCall() !== null && shownCall().phase !== 'ended');
  const invitation = busy ? null : (rooms.invitations.values().next().value ?? null);
  const began = invitation !== null && invitation.id !== shown?.id;
  const ended = invitation === null && shown !== null;
  shown = invitation;
  if (!invitation) {
    if (dialog.open) dialog.close();
    if (ended) sound(null);
    return;
  }
  drawAvatar(find('invitation-avatar'), invitation.from);
  find('invitation-name').textContent = invitation.from.displayName;
  find('invitation-line').textContent = say('invitation.line', { room: invitation.room.name });
  if (!dialog.open) dialog.showModal();
  if (!began) return;
  sound('ring');
  find('invitation-name').focus();
  announce(say('invitation.announce', { name: invitation.from.displayName, room: invitation.room.name }));
}
