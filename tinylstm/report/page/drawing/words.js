// Words that have to fit into a place: measured without a layout, cut with an ellipsis.

const measure = document.createElement("canvas").getContext("2d");
const FONT = "system-ui, sans-serif"; // as in the style sheet, as all weights and sizes
const known = new Map(); // {letters and text: width}

// How wide a text is, in pixels; letters: their weight and size, as "600 13px".
export function widthOfText(text, letters) {
  const key = `${letters} ${text}`;
  if (!known.has(key)) {
    measure.font = `${letters} ${FONT}`;
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

// The text, or as much of it as there is room for in `width` pixels.
export function fitting(text, width, letters, kept = beginning) {
  if (widthOfText(text, letters) <= width) return text;
  const each = [...text];
  let low = 0,
    high = each.length;
  const cut = (count) => kept(each, count);
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (widthOfText(cut(middle), letters) <= width) low = middle;
    else high = middle;
  }
  return cut(low);
}
