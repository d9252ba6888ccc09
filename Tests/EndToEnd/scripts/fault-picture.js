// Whether a video element shows the box's picture of a fault: a dark ground with a red stroke, and no strip of a camera.
(css) => {
  const video = document.querySelector(css);
  if (!video?.videoWidth) return false;
  const canvas = document.createElement('canvas');
  [canvas.width, canvas.height] = [160, 120];
  const context = canvas.getContext('2d', { willReadFrequently: true });
  context.drawImage(video, 0, 0, 160, 120);
  const { data } = context.getImageData(0, 0, 160, 120);
  const ground = ([x, y]) => [23, 26, 33].every((level, channel) => Math.abs(data[(y * 160 + x) * 4 + channel] - level) < 16);
  let red = 0;
  for (let at = 0; at < data.length; at += 4) red += data[at] > 150 && data[at + 1] < 90 && data[at + 2] < 90;
  return [[2, 2], [157, 2], [2, 117], [157, 117], [20, 118]].every(ground) && red > 50;
}
