// Derivatives of one step of one unit, from those that reach its states, dh and dc, which were recorded.

import { ACTIVATION, DERIVATIVE } from "engine/activations.js";
import { cellNumbers } from "step/numbers.js";

// a: what `cellNumbers` has; later: what `laterNumbers` has; through: see `reachingInside`.
export function backwardNumbers(part, a, { dh, dh_past, dc, through }, later = {}) {
  const phi = ACTIVATION[part.activation];
  const d_phi = DERIVATIVE[part.activation],
    d_sigma = DERIVATIVE[part.recurrent_activation];
  const reaching = { dh, dh_past_U: dh_past, dh_through_U: dh - dh_past };
  const given = { a, dh, dc, through, phi, d_phi, d_sigma };
  return { ...reaching, ...later, ...OF_CELL[part.cell](given) };
}

const OF_CELL = {
  lstm({ a, dh, dc, phi, d_phi, d_sigma }) {
    const phi_c = phi(a.c);
    const d = { do: dh * phi_c, di: dc * a.g, df: dc * a.c_prev, dg: dc * a.i };
    const slopes = {
      ...{ "sigma'(z_i)": d_sigma(a.i), "sigma'(z_f)": d_sigma(a.f) },
      ...{ "phi'(z_g)": d_phi(a.g), "sigma'(z_o)": d_sigma(a.o) },
    };
    return {
      ...{ dc, ...d, ...slopes, "phi'(c)": d_phi(phi_c), dc_prev: dc * a.f },
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
  gru_reset_before({ a, dh, through, d_phi, d_sigma }) {
    const du = dh * (a.h_prev - a.g),
      dg = dh * (1 - a.u);
    const slopes = {
      "phi'(z_g)": d_phi(a.g),
      "sigma'(z_r)": d_sigma(a.r),
      "sigma'(z_u)": d_sigma(a.u),
    };
    const found = { ...slopes, du, dg, dz_g: dg * d_phi(a.g), dz_u: du * d_sigma(a.u) };
    if (through === undefined) return found;
    const dr = through * a.h_prev;
    return { ...found, "dz_g.U'_g": through, dr, dz_r: dr * d_sigma(a.r) };
  },
  simple_rnn({ a, dh, d_phi }) {
    return { dg: dh, "phi'(z)": d_phi(a.g), dz: dh * d_phi(a.g) };
  },
};

// What reaches c of an LSTM from the step that follows: {f_next, dc_next}; or dc_later, their product: of
// a masked step, which hands on what reaches it, and 0 where the gradient starts. Nothing, where a
// batch is one sequence and the step that follows, of the next sample, is not on the page.
export function laterNumbers(page, pass, part, { sample, time, unit, all }) {
  const whole = (name) => pass.whole(`${part.name}/${name}`),
    dc = page.data.gradients.arrays[`${part.name}/dc`];
  if (!dc) return {};
  const after = following(page, part, whole("masked").shape[1], sample, time);
  if (after === null) return { dc_later: 0 };
  if (after.sample < 0) return {};
  const dc_next = dc.at(after.sample, after.time, unit);
  if (whole("masked").at(after.sample, after.time)) return { dc_later: dc_next };
  return { f_next: whole("f").at(after.sample, after.time, all), dc_next };
}

// Whether no gradient goes on from a step to the one before: it is the first of a sample, or of a batch
// that is one sequence.
export function stopsBehind(page, { sample, time }) {
  const { go_backwards, steps } = page.layer(),
    { gradients, state } = page.data,
    isFirst = time === (go_backwards ? steps - 1 : 0);
  return isFirst && !(gradients.one_sequence && page.shown(sample) % state.rows > 0);
}

// The place of the step that follows, its sample -1 where it is not on the page; null where none does.
function following({ data }, part, steps, sample, time) {
  const by = part.go_backwards ? -1 : 1,
    { shown, all } = data.samples,
    next = shown[sample] + 1;
  if (time + by >= 0 && time + by < steps) return { sample, time: time + by };
  const goesOn = data.gradients.one_sequence && next < all && next % data.state.rows > 0;
  return goesOn ? { sample: shown.indexOf(next), time: 0 } : null;
}

// The derivatives by h_prev U, gate by gate, in the order of the cell's gates.
const BY_U = {
  lstm: (d) => [d.dz_i, d.dz_f, d.dz_g, d.dz_o],
  gru: (d) => [d.dz_u, d.dz_r, d.dz_h_g],
  gru_reset_before: (d) => [d.dz_u, d.dz_r],
  simple_rnn: (d) => [d.dz],
};

// The same reaching(q), and with a product inside the step also through: what h_r of unit q gets from all
// units through U_g, sum over p of dz_g of unit p times U[q, g p].
export function reachingInside(pass, part, { sample, time }, reaching) {
  if (part.cell !== "gru_reset_before") return reaching;
  const { recurrent_kernel: U } = pass.weightsOf(part.name),
    H = part.units,
    through = new Float64Array(H);
  for (let p = 0; p < H; p++) {
    const a = cellNumbers(pass, part, { sample, time, unit: p });
    const { dz_g } = backwardNumbers(part, a, reaching(p));
    for (let q = 0; q < H; q++) through[q] += dz_g * U.at(q, 2 * H + p);
  }
  return (unit) => ({ ...reaching(unit), through: through[unit] });
}

// What a step sends to h_prev of a unit, the state that it starts from: through U from all units q and
// gates k, sum of dz_kq U[unit, kq], and in a GRU u of it past U, and r of what h_r gets where the reset
// gate stands before the product. reaching(q): {dh, dc} of unit q, and what `reachingInside` adds.
export function previousNumbers(pass, part, { sample, time, unit }, reaching) {
  const { recurrent_kernel: U } = pass.weightsOf(part.name),
    H = part.units;
  let sum = 0;
  for (let q = 0; q < H; q++) {
    const a = cellNumbers(pass, part, { sample, time, unit: q });
    const d = backwardNumbers(part, a, reaching(q));
    BY_U[part.cell](d).forEach((dz, k) => (sum += dz * U.at(unit, k * H + q)));
  }
  if (!part.cell.startsWith("gru")) return { "dz.U'": sum, dh_prev: sum };
  const { u, r } = cellNumbers(pass, part, { sample, time, unit });
  const { dh, through } = reaching(unit);
  if (part.cell === "gru") return { "dz_h.U'": sum, dh_prev: dh * u + sum };
  return { "dz.U'": sum, dh_prev: dh * u + through * r + sum };
}
