// A whole model forward, from its description (tinylstm/report/network.py) and its weights.
//
// A change is one of
//   {kind: "input", sample, time, feature, value}
//   {kind: "weight", name, index, value}                          index: in the flat array
//   {kind: "state", layer, state, unit, sample, time, value}      what the step starts from
//   {kind: "gate", layer, gate, unit, sample, time, value}        held from that step on
//   {kind: "start", value}         every sample from zeros, "stateless", or from the end of the one before
//                                  it in x, "batch_carried", whatever the layers have
// unit is null where all units are meant; "on" is the order of processing, through all samples that
// the state goes through.

import { LAYERS } from "engine/layers.js";
import { recurrent } from "engine/recurrent.js";
import { Numbers } from "numbers.js";

// One pass over samples x, (N, T, D), (N, D), or (N, T) whole numbers.
//
// numbers: of these samples among all, and batch: how many of those are in a batch; by default all,
// in one. starts: {layer: {h: (N, H), c}}, see `recurrent`; mask: (N T), 0 where a step is masked.
// Returns {x, y, layers: {name: {z, i, f, g, o, h, c, h_prev, c_prev, x, masked}}, weights: {name of a
// part: {kernel, ...}}}, with the changes in them.
export function forward(model, x, options = {}) {
  const {
    numbers = [...Array(x.shape[0]).keys()],
    batch = x.shape[0],
    starts = {},
    mask = null,
    changes = [],
  } = options;
  const ofKind = (kind) => changes.filter((one) => one.kind === kind);
  const input = changedInput(x, ofKind("input")),
    layers = {},
    weights = {};
  const waiting = [{ x: input, held: mask && Uint8Array.from(mask, (one) => !one) }];
  for (const part of model.parts) {
    const read = waiting.splice(0, part.inlets);
    const own = (weights[part.name] = weightsOf(part, model.weights, ofKind("weight")));
    const { y, held } =
      part.kind === "recurrent" ? steps(part, own, read[0]) : LAYERS[part.kind](part, own, ...read);
    for (let k = 0; k < part.outlets; k++) waiting.push({ x: y, held });
  }
  return { x: input, y: waiting[0].x, layers, weights };

  function steps(part, weights, read) {
    const own = changes.filter((one) => one.layer === part.name),
      [start] = ofKind("start");
    const of_model = { numbers, batch, starts: starts[part.name], changes: own };
    const in_a_row = { numbers: [...Array(x.shape[0]).keys()], batch: x.shape[0], changes: own };
    const { y, traced } = start
      ? recurrent({ ...part, state_mode: start.value }, weights, read, in_a_row)
      : recurrent(part, weights, read, of_model);
    layers[part.name] = traced;
    return { y, held: part.return_sequences ? read.held : null };
  }
}

// A copy of x with some elements changed; of (N, D) the time is 0, of (N, T) the feature is.
function changedInput(x, changes) {
  const values = Float64Array.from(x.values);
  const ofSample = values.length / x.shape[0],
    ofStep = x.shape.length === 3 ? x.shape[2] : 1;
  for (const { sample, time, feature, value } of changes) {
    values[sample * ofSample + time * ofStep + feature] = value;
  }
  return new Numbers(values, x.shape);
}

// {kernel, bias ...} of a part.
function weightsOf(part, all, changes) {
  const found = {};
  for (const [short, name] of Object.entries(part.weights)) {
    const own = changes.filter((one) => one.name === name);
    const values = own.length ? Float64Array.from(all[name].values) : all[name].values;
    for (const { index, value } of own) values[index] = value;
    found[short] = new Numbers(values, all[name].shape);
  }
  return found;
}
