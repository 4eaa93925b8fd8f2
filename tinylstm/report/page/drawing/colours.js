// Colours of numbers, the same as in the figures of tinylstm.plotting: from zero on, or both sides of it.

import { rgb } from "d3-color";
import { interpolateRdBu, interpolateYlGnBu } from "d3-scale-chromatic";

export const MASKED = [191, 191, 191];
export const LINES = 8; // colours of lines, by the style sheet: var(--line-0) ...

export const DASHES = ["", "6 3", "2 2", "8 3 2 3"]; // patterns of lines

// The colour of line k.
export const colour = (k) => `var(--line-${k % LINES})`;

const SHADES = 256;
const fromZero = table(interpolateYlGnBu);
const bothSides = table((share) => interpolateRdBu(1 - share));

function table(colourAt) {
  return Array.from({ length: SHADES }, (_, k) => {
    const { r, g, b } = rgb(colourAt(k / (SHADES - 1)));
    return [Math.round(r), Math.round(g), Math.round(b)];
  });
}

// The colours of a span [low, high], and which of them a number has.
function tableOf([low]) {
  return low === 0 ? fromZero : bothSides;
}

function placeIn(value, [low, high]) {
  const share = (value - low) / (high - low);
  return Math.round(Math.max(0, Math.min(1, share)) * (SHADES - 1));
}

// The colour of a number in a span, as [red, green, blue]; grey where there is none.
export function shade(value, span) {
  return tableOf(span)[placeIn(value, span)] ?? MASKED;
}

// A colour as a pixel of a canvas: four bytes in one.
export function pixel([r, g, b]) {
  return new Uint32Array(new Uint8Array([r, g, b, 255]).buffer)[0];
}

const PIXELS = new Map([fromZero, bothSides].map((colours) => [colours, colours.map(pixel)]));

// A function that gives the pixel of a number in a span.
export function pixelsOf(span) {
  const pixels = PIXELS.get(tableOf(span)),
    none = pixel(MASKED);
  return (value) => pixels[placeIn(value, span)] ?? none;
}

export function css(value, span) {
  return `rgb(${shade(value, span).join(" ")})`;
}

// Black or white, whatever can be read on the colour of a number.
export function inkOn(value, span) {
  const [r, g, b] = shade(value, span);
  return 0.299 * r + 0.587 * g + 0.114 * b > 140 ? "#000" : "#fff";
}

// The scale as a background, from left to right.
export function gradient([low, high]) {
  const colours = [0, 0.125, 0.25, 0.375, 0.5, 0.625, 0.75, 0.875, 1].map((share) =>
    css(low + share * (high - low), [low, high]),
  );
  return `linear-gradient(to right, ${colours.join(", ")})`;
}
