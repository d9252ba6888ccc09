async (css, frequency) => {
  // Waits until the sound of a media element holds a tone: its own bin is the loudest, far over the rest of the spectrum.
  const context = new AudioContext();
  await context.resume();
  const analyser = new AnalyserNode(context, { fftSize: 8192, smoothingTimeConstant: 0 });
  const spectrum = new Float32Array(analyser.frequencyBinCount);
  const binWidth = context.sampleRate / analyser.fftSize;
  let source = null;
  let stream = null;
  try {
    for (;;) {
      const now = document.querySelector(css).srcObject;
      if (now && now !== stream) {
        stream = now;
        source?.disconnect();
        source = context.createMediaStreamSource(stream);
        source.connect(analyser);
      }
      analyser.getFloatFrequencyData(spectrum);
      let loudest = 3;
      for (let bin = 4; bin < spectrum.length; bin += 1) if (spectrum[bin] > spectrum[loudest]) loudest = bin;
      const sorted = Float32Array.from(spectrum).sort();
      const middle = sorted[Math.floor(sorted.length / 2)];
      const found = Math.abs(loudest * binWidth - frequency) <= 2 * binWidth;
      if (found && spectrum[loudest] > -70 && spectrum[loudest] - Math.max(middle, -160) > 25) return loudest * binWidth;
      await new Promise((resolve) => setTimeout(resolve, 40));
    }
  } finally {
    context.close();
  }
}
