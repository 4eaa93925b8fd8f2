// The layers beside the recurrent ones: what each makes of its input x, and which steps are held.

import { Numbers } from "numbers.js";
import { ACTIVATION, softmax } from "engine/activations.js";
import { addProduct, count, rowOf, stepsOf, widthOf, zeros } from "engine/arrays.js";

// f of every number.
const elementwise = (x, f) => new Numbers(Float64Array.from(x.values, f), x.shape);

// An array of the shape of x with another width, filled row by row: f(row of x, row of y, number).
function rowByRow(x, width, f) {
  const y = zeros(...x.shape.slice(0, -1), width);
  const rows = count(x.shape.slice(0, -1));
  for (let r = 0; r < rows; r++) f(rowOf(x, r), rowOf(y, r), r);
  return y;
}

// y = b + x W.
function dense(part, { kernel: W, bias: b }, { x, held }) {
  const y = rowByRow(x, part.units, (x_r, y_r) => {
    if (b) y_r.set(b.values);
    addProduct(x_r, W.values, y_r);
  });
  return { y, held };
}

// y = activation(x), softmax over the last axis.
function activation(part, _, { x, held }) {
  if (part.activation !== "softmax")
    return { y: elementwise(x, ACTIVATION[part.activation]), held };
  return { y: rowByRow(x, widthOf(x), (x_r, y_r) => y_r.set(softmax(x_r))), held };
}

// y = x where x > 0, else slope x.
function leaky_relu(part, _, { x, held }) {
  return { y: elementwise(x, (one) => (one > 0 ? one : part.slope * one)), held };
}

// y = E[x]; with mask_zero the steps where x = 0 are masked.
function embedding(part, { embeddings: E }, { x, held }) {
  const [N, T] = x.shape;
  const y = zeros(N, T, part.units);
  x.values.forEach((word, r) => rowOf(y, r).set(rowOf(E, word)));
  if (!part.mask_zero) return { y, held };
  return { y, held: Uint8Array.from(x.values, (word, r) => held?.[r] || word === 0) };
}

// y = x, or zeros where all features of a step are the mask value: such a step is masked.
function masking(part, _, { x, held }) {
  const masked = new Uint8Array(count(x.shape.slice(0, -1)));
  const y = rowByRow(x, widthOf(x), (x_r, y_r, r) => {
    const silent = x_r.every((one) => one === part.mask_value);
    masked[r] = silent || held?.[r];
    if (!silent) y_r.set(x_r);
  });
  return { y, held: masked };
}

// y = x, or zeros at a masked step; flags are in the order of time, x is not where it went back.
function blank(part, _, { x, held }) {
  const T = stepsOf(x);
  const stepOf = (r) => (part.go_backwards ? r - (r % T) + T - 1 - (r % T) : r);
  const y = rowByRow(x, widthOf(x), (x_r, y_r, r) => held?.[stepOf(r)] || y_r.set(x_r));
  return { y, held };
}

// y = gamma (x - m) / sqrt(variance + epsilon) + beta, of the features of each step.
function normalization(part, { gamma, beta }, { x, held }) {
  const K = widthOf(x);
  const y = rowByRow(x, K, (x_r, y_r) => {
    const m = x_r.reduce((a, b) => a + b, 0) / K;
    const variance = x_r.reduce((a, b) => a + (b - m) ** 2, 0) / K;
    const s = 1 / Math.sqrt(variance + part.epsilon);
    for (let k = 0; k < K; k++)
      y_r[k] = s * (x_r[k] - m) * (gamma?.values[k] ?? 1) + (beta?.values[k] ?? 0);
  });
  return { y, held };
}

// y = x at each of n steps.
function repeat(part, _, { x }) {
  const y = zeros(x.shape[0], part.n, widthOf(x));
  for (let r = 0; r < x.shape[0] * part.n; r++) rowOf(y, r).set(rowOf(x, Math.floor(r / part.n)));
  return { y, held: null };
}

// The numbers of each sample in another shape.
function reshape(part, _, { x }) {
  return { y: new Numbers(x.values, [x.shape[0], ...part.shape]), held: null };
}

// y = x: dropout, which drops in training alone; and what both directions read.
function same(part, _, { x, held }) {
  return { y: x, held };
}

const MERGE = {
  concat: (fwd, bwd, y) => (y.set(fwd), y.set(bwd, fwd.length)),
  sum: (fwd, bwd, y) => fwd.forEach((one, k) => (y[k] = one + bwd[k])),
  mul: (fwd, bwd, y) => fwd.forEach((one, k) => (y[k] = one * bwd[k])),
  ave: (fwd, bwd, y) => fwd.forEach((one, k) => (y[k] = (one + bwd[k]) / 2)),
};

// y of fwd and bwd at the same step, zeros at a masked one; bwd has its last step first.
function merge(part, _, { x: fwd, held }, { x: bwd }) {
  const T = stepsOf(fwd);
  const sameStep = (r) => r - (r % T) + T - 1 - (r % T);
  const y = rowByRow(fwd, part.units, (fwd_r, y_r, r) => {
    if (!held?.[r]) MERGE[part.mode](fwd_r, rowOf(bwd, sameStep(r)), y_r);
  });
  return { y, held };
}

export const LAYERS = {
  dense,
  activation,
  leaky_relu,
  embedding,
  masking,
  blank,
  normalization,
  repeat,
  reshape,
  dropout: same,
  fork: same,
  merge,
};
