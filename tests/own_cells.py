"""Cells as a user would write them, and each as plain NumPy: one step of all rows."""

import numpy as np
from tinylstm.kernels import activate, activate_backward, inner

from tinylstm import cell


@cell(gates="ifgo", states="hc", kept=["phi_c"], vectors=["p_i", "p_f", "p_o"], elementwise=True)
def peephole(i, f, g, o, c_prev, c, phi_c, h, p_i, p_f, p_o, phi, sigma):
    """An LSTM whose gates see c too.  Source: Gers, Schraudolph and Schmidhuber 2002."""
    for j in range(len(h)):
        i[j] += p_i[j] * c_prev[j]
        f[j] += p_f[j] * c_prev[j]
    activate(sigma, i)
    activate(sigma, f)
    activate(phi, g)
    for j in range(len(h)):
        c[j] = f[j] * c_prev[j] + i[j] * g[j]
        phi_c[j] = c[j]
        o[j] += p_o[j] * c[j]
    activate(sigma, o)
    activate(phi, phi_c)
    for j in range(len(h)):
        h[j] = o[j] * phi_c[j]


@peephole.backward
def peephole_backward(
    i, f, g, o, c_prev, c, phi_c, p_i, p_f, p_o, dh, dc,
    di, df, dg, do, dphi_c, dc_prev, dp_i, dp_f, dp_o, phi, sigma,
):  # fmt: skip
    for j in range(len(dh)):
        do[j] = dh[j] * phi_c[j]  # h = o * phi(c)
        dphi_c[j] = dh[j] * o[j]
    activate_backward(sigma, o, do)
    activate_backward(phi, phi_c, dphi_c)
    for j in range(len(dh)):
        dc[j] += dphi_c[j] + do[j] * p_o[j]  # o = sigma(z_o + p_o * c)
        di[j] = dc[j] * g[j]  # c = f * c_prev + i * g
        dg[j] = dc[j] * i[j]
        df[j] = dc[j] * c_prev[j]
    activate_backward(sigma, i, di)
    activate_backward(sigma, f, df)
    activate_backward(phi, g, dg)
    for j in range(len(dh)):
        dc_prev[j] = dc[j] * f[j] + di[j] * p_i[j] + df[j] * p_f[j]
        dp_i[j] += di[j] * c_prev[j]  # i = sigma(z_i + p_i * c_prev)
        dp_f[j] += df[j] * c_prev[j]
        dp_o[j] += do[j] * c[j]


@cell(gates="fgo", states="hc", kept=["phi_c"], elementwise=True)
def coupled(f, g, o, c_prev, c, phi_c, h, phi, sigma):
    """An LSTM that forgets as much as comes in: i = 1 - f.  Source: Greff et al. 2015, CIFG."""
    activate(sigma, f)
    activate(phi, g)
    activate(sigma, o)
    for j in range(len(h)):
        c[j] = g[j] + f[j] * (c_prev[j] - g[j])  # f * c_prev + (1 - f) * g
        phi_c[j] = c[j]
    activate(phi, phi_c)
    for j in range(len(h)):
        h[j] = o[j] * phi_c[j]


@coupled.backward
def coupled_backward(f, g, o, c_prev, phi_c, dh, dc, df, dg, do, dphi_c, dc_prev, phi, sigma):
    for j in range(len(dh)):
        do[j] = dh[j] * phi_c[j]
        dphi_c[j] = dh[j] * o[j]
    activate_backward(phi, phi_c, dphi_c)
    for j in range(len(dh)):
        dc[j] += dphi_c[j]
        df[j] = dc[j] * (c_prev[j] - g[j])
        dg[j] = dc[j] - dc[j] * f[j]
        dc_prev[j] = dc[j] * f[j]
    activate_backward(sigma, f, df)
    activate_backward(phi, g, dg)
    activate_backward(sigma, o, do)


EPSILON = 1e-3


@inner
def normalise(several, out):
    """out = (a - mean) / deviation over all vectors of a tuple; returns 1 / deviation."""
    dtype = several[0].dtype.type
    mean, square, n = dtype(0), dtype(0), dtype(len(several) * len(several[0]))
    for a in several:
        for j in range(len(a)):
            mean += a[j] / n
    for a in several:
        for j in range(len(a)):
            square += (a[j] - mean) * (a[j] - mean) / n
    scale = dtype(1) / np.sqrt(square + dtype(EPSILON))
    for k in range(len(several)):
        for j in range(len(several[k])):
            out[k][j] = (several[k][j] - mean) * scale
    return scale


@inner
def normalise_backward(several, scale, out):
    """The gradients of a become those of what was normalised.  several: the normalised ones."""
    dtype = several[0].dtype.type
    mean, along, n = dtype(0), dtype(0), dtype(len(several) * len(several[0]))
    for k in range(len(several)):
        for j in range(len(several[k])):
            mean += out[k][j] / n
            along += out[k][j] * several[k][j] / n
    for k in range(len(several)):
        for j in range(len(several[k])):
            out[k][j] = scale * (out[k][j] - mean - several[k][j] * along)


GAINS = {f"{part}_{k}": "ones" for part in ("x", "h") for k in "ifgo"} | {"gain_c": "ones"}
SHIFTS = {f"b_{k}": "zeros" for k in "ifgo"} | {"shift_c": "zeros"}


@cell(
    gates="ifgo",
    states="hc",
    kept=["n_i", "n_f", "n_g", "n_o", "n_c", "phi_c", "scale_x", "scale_h", "scale_c"],
    vectors=GAINS | SHIFTS,
    apart=True,
)
def normalised(
    i, f, g, o, i_h, f_h, g_h, o_h, c_prev, c, h, n_i, n_f, n_g, n_o, n_c, phi_c,
    scale_x, scale_h, scale_c,
    x_i, x_f, x_g, x_o, h_i, h_f, h_g, h_o, gain_c, b_i, b_f, b_g, b_o, shift_c, phi, sigma,
):  # fmt: skip
    """An LSTM, layer-normalised: x W, h U and c.  Source: Ba, Kiros and Hinton 2016, eq. 20-22."""
    of_h = (i_h, f_h, g_h, o_h)
    scale_x[0] = normalise((i, f, g, o), (n_i, n_f, n_g, n_o))
    scale_h[0] = normalise(of_h, of_h)
    for j in range(len(h)):
        i[j] = x_i[j] * n_i[j] + h_i[j] * i_h[j] + b_i[j]
        f[j] = x_f[j] * n_f[j] + h_f[j] * f_h[j] + b_f[j]
        g[j] = x_g[j] * n_g[j] + h_g[j] * g_h[j] + b_g[j]
        o[j] = x_o[j] * n_o[j] + h_o[j] * o_h[j] + b_o[j]
    activate(sigma, i)
    activate(sigma, f)
    activate(phi, g)
    activate(sigma, o)
    for j in range(len(h)):
        c[j] = f[j] * c_prev[j] + i[j] * g[j]
    scale_c[0] = normalise((c,), (n_c,))
    for j in range(len(h)):
        phi_c[j] = gain_c[j] * n_c[j] + shift_c[j]
    activate(phi, phi_c)
    for j in range(len(h)):
        h[j] = o[j] * phi_c[j]


@normalised.backward
def normalised_backward(
    i, f, g, o, i_h, f_h, g_h, o_h, c_prev, n_i, n_f, n_g, n_o, n_c, phi_c,
    scale_x, scale_h, scale_c,
    x_i, x_f, x_g, x_o, h_i, h_f, h_g, h_o, gain_c, dh, dc,
    di, df, dg, do, di_h, df_h, dg_h, do_h, dc_prev, dphi_c,
    dx_i, dx_f, dx_g, dx_o, dh_i, dh_f, dh_g, dh_o, dgain_c, db_i, db_f, db_g, db_o, dshift_c,
    phi, sigma,
):  # fmt: skip
    for j in range(len(dh)):
        do[j] = dh[j] * phi_c[j]
        dphi_c[j] = dh[j] * o[j]
    activate_backward(phi, phi_c, dphi_c)
    for j in range(len(dh)):
        dgain_c[j] += dphi_c[j] * n_c[j]
        dshift_c[j] += dphi_c[j]
        dphi_c[j] *= gain_c[j]
    normalise_backward((n_c,), scale_c[0], (dphi_c,))
    for j in range(len(dh)):
        dc[j] += dphi_c[j]
        di[j] = dc[j] * g[j]
        dg[j] = dc[j] * i[j]
        df[j] = dc[j] * c_prev[j]
        dc_prev[j] = dc[j] * f[j]
    activate_backward(sigma, i, di)
    activate_backward(sigma, f, df)
    activate_backward(phi, g, dg)
    activate_backward(sigma, o, do)
    part_backward(i_h, n_i, x_i, h_i, di, di_h, dx_i, dh_i, db_i)
    part_backward(f_h, n_f, x_f, h_f, df, df_h, dx_f, dh_f, db_f)
    part_backward(g_h, n_g, x_g, h_g, dg, dg_h, dx_g, dh_g, db_g)
    part_backward(o_h, n_o, x_o, h_o, do, do_h, dx_o, dh_o, db_o)
    normalise_backward((n_i, n_f, n_g, n_o), scale_x[0], (di, df, dg, do))
    normalise_backward((i_h, f_h, g_h, o_h), scale_h[0], (di_h, df_h, dg_h, do_h))


@inner
def part_backward(a_h, a_x, gain_x, gain_h, da, da_h, dgain_x, dgain_h, db):
    """Of one gate: z = gain_x * a_x + gain_h * a_h + b."""
    for j in range(len(da)):
        dgain_x[j] += da[j] * a_x[j]
        dgain_h[j] += da[j] * a_h[j]
        db[j] += da[j]
        da_h[j] = da[j] * gain_h[j]
        da[j] *= gain_x[j]


def leaky(rate):
    """Units that keep a part of what they are: h = h_prev + rate * (phi(z) - h_prev)."""

    @cell(gates="a", states="h", elementwise=True)
    def leaky_units(a, h_prev, h, phi):
        part = h.dtype.type(rate)
        activate(phi, a)
        for j in range(len(h)):
            h[j] = h_prev[j] + part * (a[j] - h_prev[j])

    @leaky_units.backward
    def leaky_units_backward(a, dh, da, dh_prev, phi):
        part = dh.dtype.type(rate)
        for j in range(len(dh)):
            da[j] = part * dh[j]
            dh_prev[j] = dh[j] - part * dh[j]
        activate_backward(phi, a, da)

    return leaky_units


# As plain NumPy: the states behind a step from z (or its two parts), those before, and parameters.


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def plain_peephole(z, h, c, p_i, p_f, p_o):
    z_i, z_f, z_g, z_o = np.split(z, 4, axis=-1)
    new = sigmoid(z_f + p_f * c) * c + sigmoid(z_i + p_i * c) * np.tanh(z_g)
    return sigmoid(z_o + p_o * new) * np.tanh(new), new


def plain_coupled(z, h, c):
    z_f, z_g, z_o = np.split(z, 3, axis=-1)
    f = sigmoid(z_f)
    c = f * c + (1 - f) * np.tanh(z_g)
    return sigmoid(z_o) * np.tanh(c), c


def plain_normalised(z, z_h, h, c, *own):
    def normed(a):
        return (a - a.mean(-1, keepdims=True)) / np.sqrt(a.var(-1, keepdims=True) + EPSILON)

    gain_x, gain_h, gain_c, b, shift_c = *np.split(np.array(own[:8]), 2), own[8], own[9:13], own[13]
    total = gain_x.ravel() * normed(z) + gain_h.ravel() * normed(z_h) + np.concatenate(b)
    z_i, z_f, z_g, z_o = np.split(total, 4, axis=-1)
    c = sigmoid(z_f) * c + sigmoid(z_i) * np.tanh(z_g)
    return sigmoid(z_o) * np.tanh(gain_c * normed(c) + shift_c), c


def plain_leaky(z, h):
    return (h + 0.3 * (np.tanh(z) - h),)


CELLS = {
    "peephole": (peephole, plain_peephole),
    "coupled": (coupled, plain_coupled),
    "normalised": (normalised, plain_normalised),
    "leaky": (leaky(0.3), plain_leaky),
}


def run_plain(layer, x, plain, mask=None):
    """h of every step of a layer from zeros, as a loop over steps of NumPy; masked steps hold."""
    weights = dict(layer.weights)
    W, U = weights.pop("kernel"), weights.pop("recurrent_kernel")
    b = weights.pop("bias")
    states = [np.zeros((len(x), layer.units)) for _ in layer.state_names]
    outputs = []
    for t in range(x.shape[1]):
        if layer.cell.apart:
            z = x[:, t] @ W + b[0], states[0] @ U + b[1]
        else:
            z = (x[:, t] @ W + states[0] @ U + b,)
        new = plain(*z, *states, *weights.values())
        held = np.zeros(len(x), bool) if mask is None else ~mask[:, t]
        states = [np.where(held[:, None], old, a) for old, a in zip(states, new, strict=True)]
        outputs.append(states[0])
    return np.stack(outputs, axis=1)
