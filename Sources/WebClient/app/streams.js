// Showing a stream in a media element, without starting it anew when nothing changed.

export function show(element, stream) {
  if (element.srcObject === (stream ?? null)) return;
  element.srcObject = stream ?? null;
  if (stream) element.play().catch(() => {});
}

/** One track as a stream for an element; the same track gives the same stream. */
const wrapped = new WeakMap();
export function streamOf(track) {
  if (!track) return null;
  if (!wrapped.has(track)) wrapped.set(track, new MediaStream([track]));
  return wrapped.get(track);
}
