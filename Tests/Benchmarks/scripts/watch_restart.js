() => {
  // Notes when the way to the box was back after it had gone, and each picture that was shown: wall time in milliseconds.
  const clock = () => performance.timeOrigin + performance.now();
  window.bench = { gone: null, back: null, frames: [] };
  const bench = window.bench;
  const banner = document.querySelector('#offline');
  window.restartObserver?.disconnect();
  window.restartObserver = new MutationObserver(() => {
    if (!banner.hidden) bench.gone ??= clock();
    else if (bench.gone) bench.back ??= clock();
  });
  window.restartObserver.observe(banner, { attributes: true });
  const video = document.querySelector('#remote-video');
  const watch = () => {
    if (window.bench !== bench) return;
    bench.frames.push(clock());
    video.requestVideoFrameCallback(watch);
  };
  video.requestVideoFrameCallback(watch);
}
