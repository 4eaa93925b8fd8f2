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

// How a text is cut: all but its beginning, or its middle, as where steps are padded on either side.
const beginning = (letters, count) => `${letters.slice(0, count).join("")}\u2026`;
export const bothEnds = (letters, count) => {
  const left = count >> 1;
  return `${letters.slice(0, left).join("")}\u2026${letters.slice(letters.length - count + left).join("")}`;
};

// The text, or as many of its letters as there is room for in `width` pixels.
export function fitting(text, width, size, kept = beginning) {
  if (widthOfText(text, size) <= width) return text;
  const letters = [...text];
  let low = 0,
    high = letters.length;
  const cut = (count) => kept(letters, count);
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (widthOfText(cut(middle), size) <= width) low = middle;
    else high = middle;
  }
  return cut(low);
}
