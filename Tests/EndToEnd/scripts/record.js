async (css, milliseconds) => {
  // The sound of a media element as 48 kHz samples in base64. Recorded and decoded, because an AudioContext does not run in a
  // Firefox without a sound card.
  const { srcObject } = document.querySelector(css);
  // A stream of our own: the call may go another way meanwhile, and then the element's has another track.
  const recorder = new MediaRecorder(new MediaStream(srcObject.getTracks()), { audioBitsPerSecond: 128_000 });
  const parts = [];
  recorder.ondataavailable = ({ data }) => parts.push(data);
  const stopped = new Promise((resolve, reject) => {
    recorder.onstop = resolve;
    recorder.onerror = ({ error }) => reject(error);
  });
  recorder.start();
  await new Promise((resolve) => setTimeout(resolve, milliseconds));
  recorder.stop();
  await stopped;
  const encoded = await new Blob(parts).arrayBuffer();
  if (encoded.byteLength === 0) return '';
  const sound = await new OfflineAudioContext(1, 1, 48_000).decodeAudioData(encoded);
  const bytes = new Uint8Array(Float32Array.from(sound.getChannelData(0)).buffer);
  let text = '';
  for (let start = 0; start < bytes.length; start += 8192) text += String.fromCharCode(...bytes.subarray(start, start + 8192));
  return btoa(text);
}
