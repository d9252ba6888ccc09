async (warmUpSeconds, seconds) => {
  // The age of each new picture once it is in a canvas, in milliseconds, by the strip at its lower edge.
  const clock = () => performance.timeOrigin + performance.now();
  const video = document.querySelector('#remote-video');
  while (!video.videoWidth) await new Promise((resolve) => video.requestVideoFrameCallback(resolve));
  const { videoWidth: width, videoHeight: height } = video;
  const canvas = new OffscreenCanvas(width, height);
  const context = canvas.getContext('2d', { willReadFrequently: true });
  const ages = [];
  const from = clock() + warmUpSeconds * 1000;
  while (clock() < from + seconds * 1000) {
    await new Promise((resolve) => video.requestVideoFrameCallback(resolve));
    context.drawImage(video, 0, 0);
    const now = clock();
    const { data } = context.getImageData(0, height - 8, width, 1);
    const bits = Array.from({ length: 64 }, (_, cell) => Number(data[4 * Math.floor(((cell + 0.5) * width) / 64)] > 127));
    if (now >= from && bits[0] === 1 && bits[1] === 0 && bits[62] === 0 && bits[63] === 1) {
      ages.push(now - bits.slice(2, 46).reduce((sum, bit) => sum * 2 + bit, 0));
    }
  }
  return ages;
}
