// The sheet of camera, microphone and speaker, from within a call or a room.
import { canSwitchCamera, mediaInUse, switchCamera } from './devices.js';
import { addDeviceFields } from './deviceFields.js';
import { find } from './page.js';
import { changed, onChange } from './state.js';

export function setUpDevicesSheet() {
  const sheet = find('devices');
  addDeviceFields(find('devices-fields'));
  for (const name of ['call-devices', 'room-devices']) {
    find(name).addEventListener('click', () => {
      sheet.showModal();
      changed();
    });
  }
  find('devices-close').addEventListener('click', () => sheet.close());
  sheet.addEventListener('click', (event) => event.target === sheet && sheet.close());
  for (const name of ['devices-switch', 'self-switch']) find(name).addEventListener('click', switchCamera);
  onChange(draw);
}

function draw() {
  const may = canSwitchCamera();
  find('devices-switch').hidden = !may;
  find('self-switch').hidden = !may;
  if (!mediaInUse() && find('devices').open) find('devices').close();
}
