// An output in a word: the likeliest class, or the first number.

import { maxIndex } from "d3-array";
import { written } from "numbers.js";

export const likeliest = (shares) => maxIndex(shares);

export function answer(page, outputs) {
  if (page.data.input.kind === "numbers") return written(outputs[0], 3);
  const k = likeliest(outputs);
  return classWithShare(page, k, outputs[k]);
}

export function classWithShare(page, k, share) {
  return `${page.data.classes?.[k] ?? k} (${Math.round(100 * share)} %)`;
}
