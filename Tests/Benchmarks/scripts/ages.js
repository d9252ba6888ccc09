async (warmUpSeconds, seconds, atRefresh) => {
  // The age of each new picture once it is in a canvas, in milliseconds, by the strip at its lower edge: looked for every 2 ms,
  // or when the browser says that it shows it, which waits for the screen's refresh once or twice.
  const clock = () => performance.timeOrigin + performance.now();
  const video = document.querySelector('#remote-video');
  const shown = () => new Promise((resolve) => video.requestVideoFrameCallback(resolve));
  while (!video.videoWidth) await shown();
  const { videoWidth: width, videoHeight: height } = video;
  const context = new OffscreenCanvas(width, 1).getContext('2d', { willReadFrequently: true });
  const { port1, port2 } = new MessageChannel();
  const turn = () => new Promise((resolve) => {
    port1.onmessage = resolve;
    port2.postMessage(null);
  });
  const ages = [];
  const from = clock() + warmUpSeconds * 1000;
  let last = 0;
  while (clock() < from + seconds * 1000) {
    if (atRefresh) await shown();
    else for (const next = clock() + 2; clock() < next; ) await turn();
    context.drawImage(video, 0, height - 8, width, 1, 0, 0, width, 1);
    const now = clock();
    const { data } = context.getImageData(0, 0, width, 1);
    const bits = Array.from({ length: 64 }, (_, cell) => Number(data[4 * Math.floor(((cell + 0.5) * width) / 64)] > 127));
    if (bits[0] !== 1 || bits[1] !== 0 || bits[62] !== 0 || bits[63] !== 1) continue;
    const time = bits.slice(2, 46).reduce((sum, bit) => sum * 2 + bit, 0);
    if (time !== last && now >= from) ages.push(now - time);
    last = time;
  }
  return ages;
}
