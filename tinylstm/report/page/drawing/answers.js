// Outputs, and what would have been right, in words.

import { maxIndex } from "d3-array";
import { written } from "numbers.js";

export const likeliest = (shares) => maxIndex(shares);

// What class k is called.
export const className = (page, k) => page.data.classes?.[k] ?? String(k);

// An output in a word: the likeliest class and its share, or the first number; fit(name) may cut the name.
export function answerText(page, { first, likeliest: k, share }, fit = (name) => name) {
  if (page.data.input.kind === "numbers") return written(first, 3);
  return `${fit(className(page, k))} (${Math.round(100 * share)} %)`;
}

// The same of all outputs of a step.
export function answer(page, outputs) {
  const k = likeliest(outputs);
  return answerText(page, { first: outputs[0], likeliest: k, share: outputs[k] });
}

// Where an output stands: at a step, or nowhere else where a sample has one output.
export function outputPlace(page, time = 0) {
  const { shape } = page.run.array("y_hat");
  return shape.length === 3 ? [Math.min(time, shape[1] - 1)] : [];
}

// The right class, from its number or a one-hot row.
export const targetOf = (y, sample, place) =>
  y.values instanceof Int32Array ? y.at(sample, ...place) : likeliest(y.below(sample, ...place));
