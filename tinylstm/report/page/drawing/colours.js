// Colours of numbers, the same as in the figures of tinylstm.plotting: from zero on, or both sides of it.

import { rgb } from "d3-color";
import { interpolateRdBu, interpolateYlGnBu } from "d3-scale-chromatic";

const MASKED = [191, 191, 191];
const LINES = 8; // colours of lines, by the style sheet: var(--line-0) ...

export const DASHES = ["", "6 3", "2 2", "8 3 2 3"]; // patterns of lines

// The colour of line k, and its pattern: another one for each, also where colours come again.
export const colour = (k) => `var(--line-${k % LINES})`;
export const dash = (k) => (k + Math.floor(k / LINES)) % DASHES.length;

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
function pixel([r, g, b]) {
  return new Uint32Array(new Uint8Array([r, g, b, 255]).buffer)[0];
}

const PIXELS = new Map([fromZero, bothSides].map((colours) => [colours, colours.map(pixel)]));

const NONE = pixel(MASKED);

// A function that gives the pixel of a number in a span; grey where there is none.
export function pixelsOf(span) {
  const pixels = PIXELS.get(tableOf(span)),
    [low, high] = span,
    by = (SHADES - 1) / (high - low);
  return (value) => {
    const place = Math.round((value - low) * by); // NaN where the value is
    if (place >= 0) return pixels[place < SHADES ? place : SHADES - 1];
    return place < 0 ? pixels[0] : NONE;
  };
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
