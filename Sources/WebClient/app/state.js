// What the page knows. Whoever changes it calls `changed()`; the views draw themselves anew once for all changes of a turn.

export const state = {
  /** `{name, protocol, version}` */
  box: null,
  /** `{id, displayName, administrator}`, or null when signed out. */
  me: null,
  /** This event stream's identity, named in every request about calls. */
  device: null,
  /** id → Person */
  people: new Map(),
  /** Whose page is shown on the stage. */
  selected: null,
  online: true,
};

const views = new Set();
let drawing = false;

/** Calls `draw` after each change. */
export function onChange(draw) {
  views.add(draw);
}

export function changed() {
  if (drawing) return;
  drawing = true;
  queueMicrotask(() => {
    drawing = false;
    for (const draw of views) draw();
  });
}
