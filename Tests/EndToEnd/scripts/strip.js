async (css, fullHeight) => {
  // The time in the strip of the next picture that a video element shows, or null when it cannot be read.
  const video = document.querySelector(css);
  await new Promise((resolve) => video.requestVideoFrameCallback(resolve));
  const { videoWidth: width, videoHeight: height } = video;
  const canvas = new OffscreenCanvas(width, height);
  const context = canvas.getContext('2d', { willReadFrequently: true });
  context.drawImage(video, 0, 0);
  const row = Math.floor(height - (8 * height) / fullHeight);
  const { data } = context.getImageData(0, row, width, 1);
  const bits = Array.from({ length: 64 }, (_, cell) => Number(data[4 * Math.floor(((cell + 0.5) * width) / 64)] > 127));
  if (bits[0] !== 1 || bits[1] !== 0 || bits[62] !== 0 || bits[63] !== 1) return null;
  const number = (from, to) => bits.slice(from, to).reduce((sum, bit) => sum * 2 + bit, 0);
  const time = number(2, 46);
  let crc = 0xffff;
  for (let index = 5; index >= 0; index -= 1) {
    crc ^= (Math.floor(time / 2 ** (8 * index)) % 256) << 8;
    for (let bit = 0; bit < 8; bit += 1) crc = (crc & 0x8000 ? (crc << 1) ^ 0x1021 : crc << 1) & 0xffff;
  }
  return crc === number(46, 62) ? time : null;
}
