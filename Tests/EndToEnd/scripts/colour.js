(css) => {
  // The mean red, green and blue of the picture that a video element shows.
  const video = document.querySelector(css);
  const canvas = new OffscreenCanvas(32, 24);
  const context = canvas.getContext('2d', { willReadFrequently: true });
  context.drawImage(video, 0, 0, 32, 24);
  const { data } = context.getImageData(0, 0, 32, 24);
  const mean = [0, 0, 0];
  for (let at = 0; at < data.length; at += 4) for (let channel = 0; channel < 3; channel += 1) mean[channel] += data[at + channel];
  return mean.map((sum) => Math.round(sum / (32 * 24)));
}
