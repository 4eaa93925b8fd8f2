// The pass that the page shows, computed anew: page.show(passOf(page, { changes })).

import { widthOf } from "engine/arrays.js";
import { forward } from "engine/model.js";
import { Numbers } from "numbers.js";

// changes: see model.js. weights: {name: array}, by default those that the page shows.
// array(name) is what page.run has; whole(name) the same of all units, also "lstm/h_prev", "lstm/z",
// "lstm/x"; weightsOf(layer) {kernel, recurrent_kernel, bias}; weightAt("lstm/kernel", index) a number.
export function passOf(page, { changes = [], weights = page.weights } = {}) {
  const { network, input, samples, gates } = page.data;
  const given = {
    numbers: samples.shown,
    batch: samples.batch_size,
    starts: network.starts,
    changes,
  };
  const {
    x,
    y,
    layers,
    weights: used,
  } = forward({ parts: network.parts, weights }, input.x, given);
  const shown = new Map();

  function whole(name) {
    if (name === "x") return x;
    if (name === "y_hat") return y;
    const [layer, array] = split(name);
    return layers[layer]?.[array];
  }

  function array(name) {
    if (!shown.has(name)) shown.set(name, shownOf(name));
    return shown.get(name);
  }

  function shownOf(name) {
    const found = whole(name),
      layer = gates.layers.find((one) => one.name === split(name)[0]);
    return layer && found.shape.length === 3 && widthOf(found) === layer.units
      ? some(found, layer.shown)
      : found;
  }

  function weightAt(name, index) {
    const part = network.parts.find((one) => Object.values(one.weights).includes(name));
    const short = Object.keys(part.weights).find((one) => part.weights[one] === name);
    return used[part.name][short].values[index];
  }

  return { changes, array, whole, weightsOf: (layer) => used[layer], weightAt };
}

// "bidirectional/forward_lstm/f" is the array f of a layer.
function split(name) {
  const at = name.lastIndexOf("/");
  return [name.slice(0, at), name.slice(at + 1)];
}

// Of the last axis those numbers alone.
function some(a, numbers) {
  const width = widthOf(a);
  if (numbers.length === width) return a;
  const rows = a.values.length / width,
    found = new Float64Array(rows * numbers.length);
  for (let r = 0; r < rows; r++)
    numbers.forEach((k, j) => (found[r * numbers.length + j] = a.values[r * width + k]));
  return new Numbers(found, [...a.shape.slice(0, -1), numbers.length]);
}
