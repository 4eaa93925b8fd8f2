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

// z = b + x W + h_prev U.
function simple_rnn({ z, phi, gate }) {
  const g = gate("g", phi(z.g));
  const h = g;
  return { g, h };
}

// apart: the cell reads z and z_h, and not their sum. The first state is the output.
export const CELLS = {
  lstm: { step: lstm, gates: ["i", "f", "g", "o"], states: ["h", "c"], apart: false },
  gru: { step: gru, gates: ["u", "r", "g"], states: ["h"], apart: true },
  simple_rnn: { step: simple_rnn, gates: ["g"], states: ["h"], apart: false },
};
