// Showing a stream in a media element, without starting it anew when nothing changed.

export function show(element, stream) {
  if (element.srcObject === (stream ?? null)) return;
  element.srcObject = stream ?? null;
  if (stream) element.play().catch(() => {});
}

/** A stream whose track may be another one in mid-play: the element goes over without starting anew, so nothing blinks. */
export class Changing {
  /** Null as long as there is nothing. */
  stream = null;

  set track(track) {
    const before = this.stream?.getTracks() ?? [];
    if (before.includes(track)) return;
    if (!track) {
      this.stream = null;
      return;
    }
    this.stream ??= new MediaStream();
    // Firefox shows a track that is added when it has none to show, and starts anew when there was no track at all for a moment.
    const between = before.length > 0 ? track.clone() : null;
    if (between) this.stream.addTrack(between);
    for (const one of before) this.stream.removeTrack(one);
    this.stream.addTrack(track);
    if (between) this.stream.removeTrack(between);
    between?.stop();
  }
}

/** One track as a stream for an element; the same track gives the same stream. */
const wrapped = new WeakMap();
export function streamOf(track) {
  if (!track) return null;
  if (!wrapped.has(track)) wrapped.set(track, new MediaStream([track]));
  return wrapped.get(track);
}
