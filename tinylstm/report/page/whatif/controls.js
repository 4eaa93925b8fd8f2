// A row for each kind of change: what is changed is where the cursor is.

import { extent } from "d3-array";
import { rowOf, widthOf } from "engine/arrays.js";
import { choiceField, numberField, tickField } from "whatif/fields.js";
import { AS_IT_IS, STARTS } from "whatif/changes.js";

const ALL = "all units";

// Each is made with the changes that stand, and returns what is called after a move, with the pass
// that is shown.
export const ROWS = { input, state, gate, weight, start };

function input(row, page, { set }) {
  const { x, numbers } = page.data.input,
    features = widthOf(x);
  const spans = Array.from({ length: features }, (_, k) => spanOf(x, k));
  const feature = choiceField(row, "feature", () => show());
  feature.offer(spans.map((_, k) => [k, `x ${k}`]));
  const at = () => ({
    sample: page.cursor.sample,
    time: page.cursor.time,
    feature: +feature.value(),
  });
  const value = numberField(row, "is", (value) =>
    set({ kind: "input", ...at(), value: numbers ? wordNear(value, page) : value }),
  );
  const word = choiceField(row, "word", () =>
    set({ kind: "input", ...at(), value: +word.value() }),
  );
  word.offer([...page.words].sort(([, a], [, b]) => a.localeCompare(b)));
  let pass;
  function show(now = pass) {
    pass = now;
    const { sample, time, feature } = at(),
      shown = pass.whole("x").at(sample, time, feature);
    value.show(shown, spans[feature], numbers ? 1 : undefined);
    word.choose(shown);
  }
  return show;
}

// The nearest number that the Embedding has a row for.
function wordNear(value, page) {
  const { parts, weights } = page.data.network,
    [words] = weights[parts[0].weights.embeddings].shape;
  return Math.max(0, Math.min(Math.round(value), words - 1));
}

function state(row, page, { set }) {
  const name = choiceField(row, "state", () => show());
  const all = tickField(row, ALL, () => show());
  const value = numberField(row, "is", (value) =>
    set({
      kind: "state",
      layer: page.layer().name,
      state: name.value(),
      ...placeOf(page, all),
      value,
    }),
  );
  let pass;
  function show(now = pass) {
    pass = now;
    const layer = page.layer(),
      { sample, time } = placeOf(page, all);
    name.offer(layer.states.map((one) => [one, one]));
    value.show(
      pass.whole(`${layer.name}/${name.value()}_prev`).at(sample, time, unitOf(page)),
      layer.spans[name.value()],
    );
  }
  return show;
}

function gate(row, page, { set }) {
  const name = choiceField(row, "gate", () => show());
  const all = tickField(row, ALL, () => show());
  const value = numberField(row, "held at", (value) => {
    const layer = page.layer(),
      [low, high] = layer.spans[name.value()];
    const held = Math.max(low, Math.min(value, high)); // a gate is nowhere else
    set({
      kind: "gate",
      layer: layer.name,
      gate: name.value(),
      ...placeOf(page, all),
      value: held,
    });
  });
  let pass;
  function show(now = pass) {
    pass = now;
    const layer = page.layer(),
      { sample, time } = placeOf(page, all);
    name.offer(
      layer.gates.map((one) => [one, layer.meanings[one] ? `${one}: ${layer.meanings[one]}` : one]),
    );
    value.show(
      pass.whole(`${layer.name}/${name.value()}`).at(sample, time, unitOf(page)),
      layer.spans[name.value()],
    );
  }
  return show;
}

function weight(row, page, { set }) {
  const { weights } = page.data.network;
  const name = choiceField(row, "tensor", () => show());
  let at = {}; // the layer and the unit whose weights were chosen
  name.offer(Object.keys(weights).map((one) => [one, one]));
  const axes = ["row", "column"].map((axis) => choiceField(row, axis, () => show()));
  const value = numberField(row, "is", (value) => {
    const tensor = weights[name.value()];
    const place = placeIn(tensor);
    set({ kind: "weight", name: name.value(), place, index: tensor.place(place), value });
  });
  const placeIn = (tensor) => axes.slice(0, tensor.shape.length).map((axis) => +axis.value());
  // Another layer has its first tensor chosen, another unit its column of the same gate.
  function follow() {
    const layer = page.layer().name,
      unit = unitOf(page),
      { tensors } = page.data.weights.layers.find((one) => one.name === layer);
    if (layer !== at.layer) name.choose(Object.values(tensors)[0]);
    const own = Object.values(tensors).includes(name.value());
    at = { layer, unit, moved: own && (layer !== at.layer || unit !== at.unit) };
  }

  let pass;
  function show(now = pass) {
    pass = now;
    follow();
    const tensor = weights[name.value()],
      last = tensor.shape.length - 1,
      gates = gatesOf(page, name.value());
    const units = tensor.shape[last] / gates.length;
    const unit = (j) => `${j}: ${gates[Math.floor(j / units)]}, unit ${j % units}`;
    axes.forEach((axis, k) => {
      const words = k === last && gates.length ? unit : String;
      axis.offer(k <= last ? Array.from({ length: tensor.shape[k] }, (_, j) => [j, words(j)]) : []);
    });
    if (at.moved && gates.length)
      axes[last].choose(Math.floor(+axes[last].value() / units) * units + at.unit);
    const largest = 1.5 * tensor.values.reduce((a, b) => Math.max(a, Math.abs(b)), 0.1);
    value.show(pass.weightAt(name.value(), tensor.place(placeIn(tensor))), [-largest, largest]);
  }
  return show;
}

// The gates that stand side by side in a tensor; none, where it is of no recurrent layer.
function gatesOf(page, name) {
  return (
    page.data.weights.layers.find((one) => Object.values(one.tensors).includes(name))?.gates ?? []
  );
}

function start(row, page, { set, remove, all }) {
  const choice = choiceField(row, "each sample starts", () => {
    const change = { kind: "start", value: choice.value() };
    if (change.value === AS_IT_IS) remove(change);
    else set(change);
  });
  choice.offer(Object.entries(STARTS));
  return () => choice.choose(all().find((one) => one.kind === "start")?.value ?? AS_IT_IS);
}

// Where a change of a unit is made; a layer may have fewer steps than the input.
function placeOf(page, all) {
  const time = Math.min(page.cursor.time, page.layer().steps - 1);
  return { sample: page.cursor.sample, time, unit: all.value() ? null : unitOf(page) };
}

const unitOf = (page) => page.layer().shown[page.cursor.unit];

// From the smallest number of a feature to the largest; of one number alone, around it.
function spanOf(x, k) {
  const rows = x.values.length / widthOf(x);
  const [low, high] = extent(Array.from({ length: rows }, (_, r) => rowOf(x, r)[k]));
  return low < high ? [low, high] : [low - 1, high + 1];
}
