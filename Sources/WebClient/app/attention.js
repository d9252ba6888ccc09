// Title and vibration, for a person who looks elsewhere.

const flashMilliseconds = 1_000;
const buzzMilliseconds = 2_600;
let name = 'fieldbox';
let alert = null;
let flashing = 0;
let buzzing = 0;

/** The page's name when nothing rings. */
export function setTitle(text) {
  name = text;
  if (alert === null) document.title = name;
}

/** Flashes `text` in the title and vibrates; null ends both. */
export function callAttention(text) {
  if (alert === text) return;
  const wasOff = alert === null;
  alert = text;
  if (text === null) {
    clearInterval(flashing);
    clearInterval(buzzing);
    vibrate(0);
    document.title = name;
    return;
  }
  document.title = text;
  if (!wasOff) return;
  flashing = setInterval(() => {
    document.title = document.title === name ? alert : name;
  }, flashMilliseconds);
  const buzz = () => vibrate([350, 150, 350]);
  buzz();
  buzzing = setInterval(buzz, buzzMilliseconds);
}

// Browsers refuse it, with an error on the console, until the person has touched the page.
function vibrate(pattern) {
  if (navigator.userActivation?.hasBeenActive !== false) navigator.vibrate?.(pattern);
}
