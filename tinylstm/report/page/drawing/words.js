// Words that have to fit into a place: measured without a layout, cut with an ellipsis.

const measure = document.createElement("canvas").getContext("2d");
const FONT = "system-ui, sans-serif"; // as in the style sheet
const known = new Map(); // {size and text: width}

// How wide a text is, in pixels, at a size of its letters.
export function widthOfText(text, size) {
  const key = `${size} ${text}`;
  if (!known.has(key)) {
    measure.font = `${size}px ${FONT}`;
    known.set(key, measure.measureText(text).width);
  }
  return known.get(key);
}

// The text, or as much of its beginning as there is room for in `width` pixels.
export function fitting(text, width, size) {
  if (widthOfText(text, size) <= width) return text;
  const letters = [...text];
  let low = 0,
    high = letters.length;
  const cut = (count) => `${letters.slice(0, count).join("")}\u2026`;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (widthOfText(cut(middle), size) <= width) low = middle;
    else high = middle;
  }
  return cut(low);
}
