// Keeps the screen lit during a call, where the browser can.

let wanted = false;
let lock = null;

export function keepAwake(on) {
  if (wanted === on) return;
  wanted = on;
  if (on) acquire();
  else release();
}

async function acquire() {
  if (!wanted || lock || document.hidden || !navigator.wakeLock) return;
  try {
    const got = await navigator.wakeLock.request('screen');
    if (!wanted) return void got.release();
    lock = got;
    // The browser takes it back when the page is hidden.
    got.addEventListener('release', () => {
      if (lock === got) lock = null;
    });
  } catch {
    // Low battery, or not allowed: the call goes on, the screen may go dark.
  }
}

function release() {
  lock?.release().catch(() => {});
  lock = null;
}

document.addEventListener('visibilitychange', acquire);
