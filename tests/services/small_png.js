// A picture with few colours: those that fill most of it, the others as the nearest of them.
// Anti-aliased letters have hundreds of shades, which cost most of a file's size and nobody sees.
async ({ picture, most }) => {
  const image = await createImageBitmap(await (await fetch(`data:image/png;base64,${picture}`)).blob());
  const canvas = new OffscreenCanvas(image.width, image.height);
  const context = canvas.getContext("2d");
  context.drawImage(image, 0, 0);
  const pixels = new Uint32Array(context.getImageData(0, 0, image.width, image.height).data.buffer);

  const counts = new Map();
  for (const pixel of pixels) counts.set(pixel, (counts.get(pixel) ?? 0) + 1);
  const parts = (pixel) => [pixel & 255, (pixel >> 8) & 255, (pixel >> 16) & 255];
  const apart = (one, other) => one.reduce((sum, part, index) => sum + (part - other[index]) ** 2, 0);

  // The most frequent first, but none that is almost there already.
  const ordered = [...counts].sort((one, other) => other[1] - one[1]).map(([pixel]) => parts(pixel));
  const palette = [];
  for (const least of [60, 20, 0]) {
    for (const colour of ordered) {
      if (palette.length === most) break;
      if (palette.every((one) => apart(one, colour) > least)) palette.push(colour);
    }
  }

  const nearest = new Map();
  for (const pixel of counts.keys()) {
    const colour = parts(pixel);
    let best = 0;
    palette.forEach((one, index) => { if (apart(one, colour) < apart(palette[best], colour)) best = index; });
    nearest.set(pixel, best);
  }
  const indexes = Uint8Array.from(pixels, (pixel) => nearest.get(pixel));
  let text = "";
  for (let at = 0; at < indexes.length; at += 8192) text += String.fromCharCode(...indexes.subarray(at, at + 8192));
  return { width: image.width, height: image.height, palette, indexes: btoa(text) };
}
