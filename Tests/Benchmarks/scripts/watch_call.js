() => {
  // Notes when the next call's offer came, when its first picture was decoded, when the preview showed it, and when it was
  // accepted: wall time in milliseconds.
  const clock = () => performance.timeOrigin + performance.now();
  window.bench = {};
  const bench = window.bench;
  document.querySelector('#preview').requestVideoFrameCallback(() => { bench.preview = clock(); });
  document.querySelector('#accept').addEventListener('click', () => { bench.accepted = clock(); }, { capture: true, once: true });
  window.ownSetRemote ??= RTCPeerConnection.prototype.setRemoteDescription;
  RTCPeerConnection.prototype.setRemoteDescription = function (...given) {
    bench.offer ??= clock();
    this.addEventListener('track', ({ track }) => {
      if (track.kind !== 'video') return;
      const reader = new MediaStreamTrackProcessor({ track }).readable.getReader();
      reader.read().then(({ value }) => {
        bench.decoded ??= clock();
        value?.close();
        reader.cancel();
      });
    });
    return window.ownSetRemote.apply(this, given);
  };
}
