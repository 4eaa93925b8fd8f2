// The equations of one step of one unit, as kernels/cells/ has them: what stands left of =, and right.

const gatesOf = (names, line) => [...names].map(line);

export const FORWARD = {
  lstm: [
    ...gatesOf("ifgo", (k) => [`z_${k}`, `b_${k} + x.W_${k} + h_prev.U_${k}`]),
    ["i", "sigma(z_i)"],
    ["f", "sigma(z_f)"],
    ["g", "phi(z_g)"],
    ["o", "sigma(z_o)"],
    ["c", "f * c_prev + i * g"],
    ["h", "o * phi(c)"],
  ],
  gru: [
    ...gatesOf("urg", (k) => [`z_${k}`, `b_${k} + x.W_${k}`]),
    ...gatesOf("urg", (k) => [`z_h_${k}`, `b_h_${k} + h_prev.U_${k}`]),
    ["u", "sigma ( z_u + z_h_u )"],
    ["r", "sigma ( z_r + z_h_r )"],
    ["g", "phi ( z_g + r * z_h_g )"],
    ["h", "u * h_prev + ( 1 - u ) * g"],
  ],
  gru_reset_before: [
    ...gatesOf("ur", (k) => [`z_${k}`, `b_${k} + x.W_${k} + h_prev.U_${k}`]),
    ["u", "sigma(z_u)"],
    ["r", "sigma(z_r)"],
    ["h_r", "r * h_prev"],
    ["z_g", "b_g + x.W_g + h_r.U_g"],
    ["g", "phi(z_g)"],
    ["h", "u * h_prev + ( 1 - u ) * g"],
  ],
  simple_rnn: [
    ["z", "b + x.W + h_prev.U"],
    ["g", "phi(z)"],
    ["h", "g"],
  ],
};

// Of equations with the same left side that is shown whose numbers there are: dc_later is what came
// where no step follows, or a masked one. dh_past_U went through no U since it left the output; dh_through_U
// came through it from later steps. dz.U' is what goes back through U from all units and gates to this
// unit; a GRU's dz_h is that of h_prev U, which is dz_u, dz_r and dz_h_g. Where the reset gate stands
// before the product, dz_g.U'_g is what h_r gets, and dz.U' comes from u and r.
export const BACKWARD = {
  lstm: [
    ["dh", "dh_past_U + dh_through_U"],
    ["do", "dh * phi(c)"],
    ["dc", "dh * o * phi'(c) + f_next * dc_next"],
    ["dc", "dh * o * phi'(c) + dc_later"],
    ["di", "dc * g"],
    ["df", "dc * c_prev"],
    ["dg", "dc * i"],
    ["dz_i", "di * sigma'(z_i)"],
    ["dz_f", "df * sigma'(z_f)"],
    ["dz_g", "dg * phi'(z_g)"],
    ["dz_o", "do * sigma'(z_o)"],
    ["dc_prev", "dc * f"],
    ["dh_prev", "dz.U'"],
  ],
  gru: [
    ["dh", "dh_past_U + dh_through_U"],
    ["du", "dh * ( h_prev - g )"],
    ["dg", "dh * ( 1 - u )"],
    ["dz_g", "dg * phi'(z_g+r*z_h_g)"],
    ["dr", "dz_g * z_h_g"],
    ["dz_h_g", "dz_g * r"],
    ["dz_r", "dr * sigma'(z_r+z_h_r)"],
    ["dz_u", "du * sigma'(z_u+z_h_u)"],
    ["dh_prev", "dh * u + dz_h.U'"],
  ],
  gru_reset_before: [
    ["dh", "dh_past_U + dh_through_U"],
    ["du", "dh * ( h_prev - g )"],
    ["dg", "dh * ( 1 - u )"],
    ["dz_g", "dg * phi'(z_g)"],
    ["dr", "dz_g.U'_g * h_prev"],
    ["dz_r", "dr * sigma'(z_r)"],
    ["dz_u", "du * sigma'(z_u)"],
    ["dh_prev", "dh * u + dz_g.U'_g * r + dz.U'"],
  ],
  simple_rnn: [
    ["dh", "dh_past_U + dh_through_U"],
    ["dg", "dh"],
    ["dz", "dg * phi'(z)"],
    ["dh_prev", "dz.U'"],
  ],
};
