// The numbers of one step of one unit, by the names that its equations have for them.

import { ACTIVATION, DERIVATIVE } from "engine/activations.js";
import { CELLS } from "engine/cells.js";

// at: {sample, time, unit}, the unit counted among all of the layer.
export function forwardNumbers(pass, part, at) {
  const cell = CELLS[part.cell],
    { sample, time, unit } = at;
  const whole = (name) => pass.whole(`${part.name}/${name}`);
  const found = { masked: whole("masked").at(sample, time) === 1 };
  for (const name of cell.states) {
    found[name] = whole(name).at(sample, time, unit);
    found[`${name}_prev`] = whole(`${name}_prev`).at(sample, time, unit);
  }
  if (found.masked) return found;
  const x = whole("x").below(sample, time),
    h_prev = whole("h_prev").below(sample, time);
  const { kernel: W, recurrent_kernel: U, bias: b } = pass.weightsOf(part.name);
  cell.gates.forEach((gate, k) => {
    const column = k * part.units + unit,
      below = cell.gates.length > 1 ? `_${gate}` : "";
    found[gate] = whole(gate).at(sample, time, unit);
    found[`b${below}`] = b ? b.values[column] : 0;
    found[`x.W${below}`] = product(x, W, column);
    found[`h_prev.U${below}`] = product(h_prev, U, column);
    found[`z${below}`] = whole("z").at(sample, time, column);
    if (cell.apart) {
      found[`b_h${below}`] = b ? b.values[cell.gates.length * part.units + column] : 0;
      found[`z_h${below}`] = whole("z_h").at(sample, time, column);
    }
  });
  return { ...found, held: heldOf(part, cell, found) };
}

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

// Derivatives of the same step, from those that reach its states, dh and dc, which were recorded; next:
// {f, dc} of the step that follows, null where none does in this sample, or a masked one.
export function backwardNumbers(part, a, { dh, dh_past, dc }, next) {
  const phi = ACTIVATION[part.activation];
  const d_phi = DERIVATIVE[part.activation],
    d_sigma = DERIVATIVE[part.recurrent_activation];
  const reaching = { dh, dh_past_U: dh_past, dh_by_U: dh - dh_past };
  const given = { a, dh, dc, next, phi, d_phi, d_sigma };
  return { ...reaching, ...OF_CELL[part.cell](given) };
}

const OF_CELL = {
  lstm({ a, dh, dc, next, phi, d_phi, d_sigma }) {
    const phi_c = phi(a.c);
    const d = { do: dh * phi_c, di: dc * a.g, df: dc * a.c_prev, dg: dc * a.i };
    const slopes = {
      ...{ "sigma'(z_i)": d_sigma(a.i), "sigma'(z_f)": d_sigma(a.f) },
      ...{ "phi'(z_g)": d_phi(a.g), "sigma'(z_o)": d_sigma(a.o) },
    };
    const later = next
      ? { f_next: next.f, dc_next: next.dc }
      : { dc_later: dc - dh * a.o * d_phi(phi_c) };
    return {
      ...{ dc, ...d, ...slopes, ...later, "phi'(c)": d_phi(phi_c), dc_prev: dc * a.f },
      dz_i: d.di * d_sigma(a.i),
      dz_f: d.df * d_sigma(a.f),
      dz_g: d.dg * d_phi(a.g),
      dz_o: d.do * d_sigma(a.o),
    };
  },
  gru({ a, dh, d_phi, d_sigma }) {
    const du = dh * (a.h_prev - a.g),
      dg = dh * (1 - a.u);
    const dz_g = dg * d_phi(a.g),
      dr = dz_g * a.z_h_g;
    const slopes = {
      "phi'(z_g+r*z_h_g)": d_phi(a.g),
      "sigma'(z_r+z_h_r)": d_sigma(a.r),
      "sigma'(z_u+z_h_u)": d_sigma(a.u),
    };
    const dz = { dz_g, dz_h_g: dz_g * a.r, dz_r: dr * d_sigma(a.r), dz_u: du * d_sigma(a.u) };
    return { ...slopes, du, dg, dr, ...dz };
  },
  simple_rnn({ a, dh, d_phi }) {
    return { dg: dh, "phi'(z)": d_phi(a.g), dz: dh * d_phi(a.g) };
  },
};
