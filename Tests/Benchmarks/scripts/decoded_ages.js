async (seconds) => {
  // The age of each picture once it is decoded, before it waits for the screen's next refresh, in milliseconds.
  const clock = () => performance.timeOrigin + performance.now();
  const [track] = document.querySelector('#remote-video').srcObject.getVideoTracks();
  const reader = new MediaStreamTrackProcessor({ track }).readable.getReader();
  const ages = [];
  const end = clock() + seconds * 1000;
  while (clock() < end) {
    const { value: frame } = await reader.read();
    const now = clock();
    const { width, height } = frame.codedRect;
    const luma = new Uint8Array(frame.allocationSize());
    const [plane] = await frame.copyTo(luma);
    frame.close();
    const row = plane.offset + (height - 8) * plane.stride;
    const bits = Array.from({ length: 64 }, (_, cell) => Number(luma[row + Math.floor(((cell + 0.5) * width) / 64)] > 127));
    if (bits[0] === 1 && bits[1] === 0 && bits[62] === 0 && bits[63] === 1) {
      ages.push(now - bits.slice(2, 46).reduce((sum, bit) => sum * 2 + bit, 0));
    }
  }
  reader.cancel();
  return ages;
}
