// The changes that stand, by what they change: a new number for the same thing replaces the old one.

import { written } from "numbers.js";

export function changesOf(told) {
  const kept = new Map();
  let waits = false;

  // All changes of a frame are told together.
  function tell() {
    if (!waits) requestAnimationFrame(() => ((waits = false), told([...kept.values()])));
    waits = true;
  }

  return {
    all: () => [...kept.values()],
    set(change) {
      kept.set(keyOf(change), change);
      tell();
    },
    remove(change) {
      kept.delete(keyOf(change));
      tell();
    },
    reset() {
      kept.clear();
      tell();
    },
  };
}

const keyOf = (change) => JSON.stringify({ ...change, value: undefined });

// A change in words.
export function wordsOf(change, page) {
  const { kind, sample, time, value } = change;
  const layer = page.data.gates.layers.find((one) => one.name === change.layer);
  if (kind === "start") return STARTS[value];
  if (kind === "weight") return `${change.name} [${change.place.join(", ")}] is ${written(value)}`;
  const where = `step ${page.stepName(sample, time, layer)} of sample ${page.shown(sample)}`;
  const word = page.words.get(value) ?? "no word of these samples";
  if (kind === "input" && page.data.input.numbers) return `${where} reads ${value} (${word})`;
  if (kind === "input") return `x ${change.feature} of ${where} is ${written(value)}`;
  const units = change.unit === null ? "all units" : `unit ${change.unit}`;
  if (kind === "state")
    return `${where} starts from ${change.state} = ${written(value)} in ${units} of ${change.layer}`;
  return `${change.gate} of ${units} of ${change.layer} is held at ${written(value)} from ${where} on`;
}

export const AS_IT_IS = "model";
export const STARTS = {
  [AS_IT_IS]: "as the model has it",
  stateless: "cold: every sample from zeros",
  batch_carried: "warm: every sample from the end of the one before it on the page",
};
