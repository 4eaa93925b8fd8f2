// The numbers of one step of one unit, by the names that its equations have for them.

import { ACTIVATION } from "engine/activations.js";
import { CELLS } from "engine/cells.js";

// What the cell read and made: states, gates, pre-activations; at: {sample, time, unit}, the unit
// counted among all of the layer.
export function cellNumbers(pass, part, { sample, time, unit }) {
  const cell = CELLS[part.cell],
    whole = (name) => pass.whole(`${part.name}/${name}`);
  const found = { masked: whole("masked").at(sample, time) === 1 };
  for (const name of cell.states) {
    found[name] = whole(name).at(sample, time, unit);
    found[`${name}_prev`] = whole(`${name}_prev`).at(sample, time, unit);
  }
  if (found.masked) return found;
  cell.gates.forEach((gate, k) => {
    const column = k * part.units + unit,
      below = subscript(cell, gate);
    found[gate] = whole(gate).at(sample, time, unit);
    found[`z${below}`] = whole("z").at(sample, time, column);
    if (cell.apart) found[`z_h${below}`] = whole("z_h").at(sample, time, column);
    const made = cell.inside[gate]?.name;
    if (made) found[made] = whole(made).at(sample, time, unit);
  });
  return found;
}

// The same, and what the pre-activations are the sums of.
export function forwardNumbers(pass, part, at) {
  const cell = CELLS[part.cell],
    found = cellNumbers(pass, part, at);
  if (found.masked) return found;
  const row = (name) => pass.whole(`${part.name}/${name}`).below(at.sample, at.time);
  const x = row("x");
  const { kernel: W, recurrent_kernel: U, bias: b } = pass.weightsOf(part.name);
  cell.gates.forEach((gate, k) => {
    const column = k * part.units + at.unit,
      below = subscript(cell, gate);
    found[`b${below}`] = b ? b.values[column] : 0;
    found[`x.W${below}`] = product(x, W, column);
    const read = cell.inside[gate]?.name ?? "h_prev"; // what U multiplies
    found[`${read}.U${below}`] = product(row(read), U, column);
    if (cell.apart)
      found[`b_h${below}`] = b ? b.values[cell.gates.length * part.units + column] : 0;
  });
  return { ...found, held: heldOf(part, cell, found) };
}

// A cell of one gate has z, W, U and b without a name of the gate.
const subscript = (cell, gate) => (cell.gates.length > 1 ? `_${gate}` : "");

// Gates that are not what their equations say, because somebody holds them.
function heldOf(part, cell, found) {
  const of = (a) =>
    Object.fromEntries(cell.gates.map((gate) => [gate, found[`${a}_${gate}`] ?? found[a]]));
  const held = [];
  const gate = (name, value) => {
    if (Math.abs(found[name] - value) > 1e-9) held.push(name);
    return found[name];
  };
  const phi = ACTIVATION[part.activation],
    sigma = ACTIVATION[part.recurrent_activation];
  cell.step({ ...found, z: of("z"), z_h: of("z_h"), phi, sigma, gate });
  return held;
}

// Element `column` of the product of a vector and a matrix.
function product(a, M, column) {
  const [, columns] = M.shape;
  return a.reduce((total, one, q) => total + one * M.values[q * columns + column], 0);
}
