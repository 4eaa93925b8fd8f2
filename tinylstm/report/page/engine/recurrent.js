// The time loop of every recurrent layer, and the ways in which a state goes from sample to sample.
//
//     z = b + x W + h_prev U            (or z = b + x W and z_h = b_h + h_prev U, read apart)
//     h, c = cell(z, h_prev, c_prev)
//
// Where a cell says so, U of its last gates multiplies something that it makes from the others.

import { ACTIVATION } from "engine/activations.js";
import { addProduct, rowOf, zeros } from "engine/arrays.js";
import { CELLS } from "engine/cells.js";
import { Numbers } from "numbers.js";

// The number of the sample that a sample's state goes on in, of all samples, or none.
const NEXT = {
  stateless: () => null,
  batch_carried: (n, batch) => ((n + 1) % batch === 0 ? null : n + 1),
  stateful: (n, batch) => n + batch,
};

// The lanes: samples through which a state goes, in their order. numbers: of the samples that there
// are, among all; where the one before is not among them, a lane begins.
export function lanesOf(mode, numbers, batch) {
  const order = [...numbers.keys()].sort((a, b) => numbers[a] - numbers[b]);
  const open = new Map(),
    lanes = []; // open: {number of the sample that a lane waits for: lane}
  for (const k of order) {
    const lane = open.get(numbers[k]) ?? [];
    open.delete(numbers[k]);
    if (lane.length === 0) lanes.push(lane);
    lane.push(k);
    const next = NEXT[mode](numbers[k], batch);
    if (next !== null) open.set(next, lane);
  }
  return lanes;
}

// A recurrent layer forward.
//
// x (N, T, D), held (N T) or null. starts: {h: (N, H), c} that samples start from which begin a lane,
// or nothing: zeros; changes: those of this layer.
// Returns y, in the order of processing; and traced: arrays (N, T, width) in the order of time, under
// h_prev and c_prev the states that each step starts from, x and masked (N, T) what it reads. At a
// masked step there is neither z nor a gate: NaN.
export function recurrent(part, weights, { x, held }, { numbers, batch, starts, changes }) {
  const cell = CELLS[part.cell],
    H = part.units;
  const [N, T] = x.shape;
  const y = part.return_sequences ? zeros(N, T, H) : zeros(N, H);
  const traced = tracedArrays(cell, N, T, H);
  traced.masked = new Numbers(held ?? new Uint8Array(N * T), [N, T]);
  traced.x = x;
  const step = stepOf(part, cell, weights),
    computed = ["z", ...(cell.apart ? ["z_h"] : []), ...cell.gates, ...insideOf(cell)];
  for (const lane of lanesOf(part.state_mode, numbers, batch)) {
    const state = startOf(cell, starts, lane[0], H);
    const holds = Object.fromEntries(cell.gates.map((name) => [name, Array(H)]));
    const output = new Float64Array(H); // of the last step that was not masked
    for (const n of lane) {
      if (part.state_mode !== "batch_carried") output.fill(0);
      for (let s = 0; s < T; s++) {
        const t = part.go_backwards ? T - 1 - s : s,
          at = n * T + t;
        applyChanges(changes, n, t, state, holds);
        for (const name of cell.states) rowOf(traced[`${name}_prev`], at).set(state[name]);
        if (!held?.[at]) {
          step(rowOf(x, at), state, holds, traced, at);
          output.set(state.h);
        } else for (const name of computed) rowOf(traced[name], at).fill(NaN);
        for (const name of cell.states) rowOf(traced[name], at).set(state[name]);
        if (part.return_sequences) rowOf(y, n * T + s).set(output);
      }
      if (!part.return_sequences) rowOf(y, n).set(output);
    }
  }
  return { y, traced };
}

// Names of what the cell multiplies with U in place of h_prev.
const insideOf = (cell) => Object.values(cell.inside).map((one) => one.name);

function tracedArrays(cell, N, T, H) {
  const widths = { z: cell.gates.length * H };
  if (cell.apart) widths.z_h = widths.z;
  for (const name of [...cell.gates, ...cell.states, ...insideOf(cell)]) widths[name] = H;
  for (const name of cell.states) widths[`${name}_prev`] = H;
  return Object.fromEntries(
    Object.entries(widths).map(([name, width]) => [name, zeros(N, T, width)]),
  );
}

// The state that a lane starts from: {h: (H), c}.
function startOf(cell, starts, n, H) {
  const start = (name) =>
    starts ? Float64Array.from(rowOf(starts[name], n)) : new Float64Array(H);
  return Object.fromEntries(cell.states.map((name) => [name, start(name)]));
}

// What is changed where a step begins: its state, and gates that are held from here on.
function applyChanges(changes, n, t, state, holds) {
  for (const one of changes) {
    if (one.sample !== n || one.time !== t) continue;
    const target = one.kind === "state" ? state[one.state] : holds[one.gate];
    if (one.unit === null) target.fill(one.value);
    else target[one.unit] = one.value;
  }
}

// One step of all units: x (D), and the state, which becomes the next one; the rest is traced.
function stepOf(part, cell, { kernel: W, recurrent_kernel: U, bias: b }) {
  const H = part.units,
    { gates } = cell,
    columns = gates.length * H,
    outside = gates.filter((gate) => !cell.inside[gate]).length * H;
  const given = {
    phi: ACTIVATION[part.activation],
    sigma: ACTIVATION[part.recurrent_activation],
    z: {},
    z_h: {},
  };
  return (x, state, holds, traced, at) => {
    const z = rowOf(traced.z, at),
      z_h = cell.apart ? rowOf(traced.z_h, at) : z;
    if (b) z.set(b.values.subarray(0, z.length));
    if (b && cell.apart) z_h.set(b.values.subarray(z.length));
    addProduct(x, W.values, z); // z = b + x W
    addProduct(state.h, U.values, z_h.subarray(0, outside), columns); // b_h + h_prev U, or added to z
    given.gate = (name, value) => holds[name][given.unit] ?? value;
    const see = (unit) => {
      given.unit = unit;
      given.h_prev = state.h[unit];
      if (state.c) given.c_prev = state.c[unit];
      for (let k = 0; k < gates.length; k++) {
        given.z[gates[k]] = z[k * H + unit];
        given.z_h[gates[k]] = z_h[k * H + unit];
      }
      return given;
    };
    for (const [gate, { name, of }] of Object.entries(cell.inside)) {
      const made = rowOf(traced[name], at).map((_, unit) => of(see(unit))),
        first = gates.indexOf(gate) * H;
      rowOf(traced[name], at).set(made);
      addProduct(made, U.values, z.subarray(first, first + H), columns, first);
    }
    for (let unit = 0; unit < H; unit++) {
      const made = cell.step(see(unit));
      for (const name of gates) traced[name].values[at * H + unit] = made[name];
      for (const name of cell.states) state[name][unit] = made[name];
    }
  };
}
