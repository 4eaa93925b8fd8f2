// The equations of one step, for one unit; letters as in docs/notation.md.
//
// phi, sigma: the layer's activation and recurrent_activation, tanh and the sigmoid by default.
// z: pre-activations of the unit's gates, by name; z_h: their parts from h_prev, where the cell reads
// them apart. h_prev, c_prev: what the step starts from. gate(name, value) is the value, or what the
// gate is held at.

// z = b + x W + h_prev U, blocks i | f | g | o.
function lstm({ z, c_prev, phi, sigma, gate }) {
  const i = gate("i", sigma(z.i));
  const f = gate("f", sigma(z.f));
  const g = gate("g", phi(z.g));
  const o = gate("o", sigma(z.o));
  const c = f * c_prev + i * g;
  const h = o * phi(c);
  return { i, f, g, o, c, h };
}

// z = b + x W and z_h = b_h + h_prev U, blocks u | r | g.
function gru({ z, z_h, h_prev, phi, sigma, gate }) {
  const u = gate("u", sigma(z.u + z_h.u));
  const r = gate("r", sigma(z.r + z_h.r));
  const g = gate("g", phi(z.g + r * z_h.g));
  const h = u * h_prev + (1 - u) * g;
  return { u, r, g, h };
}

// z = b + x W + h_prev U of u and r, and of g z = b + x W + h_r U: h_r is what `reset` gives for all units.
function gru_reset_before({ z, h_prev, phi, sigma, gate }) {
  const u = gate("u", sigma(z.u));
  const r = gate("r", sigma(z.r));
  const g = gate("g", phi(z.g));
  const h = u * h_prev + (1 - u) * g;
  return { u, r, g, h };
}

function reset({ z, h_prev, sigma, gate }) {
  const r = gate("r", sigma(z.r));
  return r * h_prev;
}

// z = b + x W + h_prev U.
function simple_rnn({ z, phi, gate }) {
  const g = gate("g", phi(z.g));
  const h = g;
  return { g, h };
}

// apart: the cell reads z and z_h, and not their sum. inside: of the last gates, what their block of U
// multiplies in place of h_prev, made from the gates before. The first state is the output.
export const CELLS = {
  lstm: { step: lstm, gates: ["i", "f", "g", "o"], states: ["h", "c"], apart: false, inside: {} },
  gru: { step: gru, gates: ["u", "r", "g"], states: ["h"], apart: true, inside: {} },
  gru_reset_before: {
    step: gru_reset_before,
    gates: ["u", "r", "g"],
    states: ["h"],
    apart: false,
    inside: { g: { name: "h_r", of: reset } },
  },
  simple_rnn: { step: simple_rnn, gates: ["g"], states: ["h"], apart: false, inside: {} },
};
