async (width, height, count) => {
  // JPEG pictures in base64: colours on the move under the grain of a sensor.
  const canvas = new OffscreenCanvas(width, height);
  const context = canvas.getContext('2d');
  const pictures = [];
  for (let index = 0; index < count; index++) {
    for (let x = 0; x < width; x += 8) {
      context.fillStyle = `hsl(${(x / 4 + index * 3) % 360} 60% 50%)`;
      context.fillRect(x, 0, 8, height);
    }
    const image = context.getImageData(0, 0, width, height);
    for (let at = 0; at < image.data.length; at += 4) {
      const grain = Math.random() * 24 - 12;
      for (let part = 0; part < 3; part++) image.data[at + part] += grain;
    }
    context.putImageData(image, 0, 0);
    const blob = await canvas.convertToBlob({ type: 'image/jpeg', quality: 0.7 });
    const bytes = new Uint8Array(await blob.arrayBuffer());
    let text = '';
    for (let at = 0; at < bytes.length; at += 8192) text += String.fromCharCode(...bytes.subarray(at, at + 8192));
    pictures.push(btoa(text));
  }
  return pictures;
}
