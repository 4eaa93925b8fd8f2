"""A cell of one's own: an LSTM with peepholes, forward and backward.

python docs/examples/own_cell.py
"""

import numpy as np
from tinylstm.kernels import activate, activate_backward

from tinylstm import RNN, Adam, Dense, Sequential, cell, gradient_check, set_random_seed


@cell(gates="ifgo", states="hc", kept=["phi_c"], vectors=["p_i", "p_f", "p_o"], elementwise=True)
def peephole(i, f, g, o, c_prev, c, phi_c, h, p_i, p_f, p_o, phi, sigma):
    """An LSTM whose gates see the cell state (Gers, Schraudolph and Schmidhuber 2002)."""
    for j in range(len(h)):
        i[j] += p_i[j] * c_prev[j]
        f[j] += p_f[j] * c_prev[j]
    activate(sigma, i)  # i = sigma(z_i + p_i * c_prev)
    activate(sigma, f)  # f = sigma(z_f + p_f * c_prev)
    activate(phi, g)  # g = phi(z_g)
    for j in range(len(h)):
        c[j] = f[j] * c_prev[j] + i[j] * g[j]
        phi_c[j] = c[j]
        o[j] += p_o[j] * c[j]
    activate(sigma, o)  # o = sigma(z_o + p_o * c)
    activate(phi, phi_c)
    for j in range(len(h)):
        h[j] = o[j] * phi_c[j]


@peephole.backward
def peephole_backward(
    i, f, g, o, c_prev, c, phi_c, p_i, p_f, p_o, dh, dc,
    di, df, dg, do, dphi_c, dc_prev, dp_i, dp_f, dp_o, phi, sigma,
):  # fmt: skip
    """From the last line up, one derivative a line."""
    for j in range(len(dh)):
        do[j] = dh[j] * phi_c[j]  # h = o * phi(c)
        dphi_c[j] = dh[j] * o[j]
    activate_backward(sigma, o, do)  # do = do * sigma'(z_o + p_o * c)
    activate_backward(phi, phi_c, dphi_c)
    for j in range(len(dh)):
        dc[j] += dphi_c[j] + do[j] * p_o[j]  # the output gate sees c
        di[j] = dc[j] * g[j]  # c = f * c_prev + i * g
        dg[j] = dc[j] * i[j]
        df[j] = dc[j] * c_prev[j]
    activate_backward(sigma, i, di)
    activate_backward(sigma, f, df)
    activate_backward(phi, g, dg)
    for j in range(len(dh)):
        dc_prev[j] = dc[j] * f[j] + di[j] * p_i[j] + df[j] * p_f[j]
        dp_i[j] += di[j] * c_prev[j]
        dp_f[j] += df[j] * c_prev[j]
        dp_o[j] += do[j] * c[j]


def check():
    """Compare the backward pass of such a layer with central differences."""
    model = Sequential([RNN(peephole, 5, input_shape=(4, 2)), Dense(2)], dtype="float64")
    model.compile(loss="mse")
    rng = np.random.default_rng(7)
    model.set_weights([rng.normal(scale=0.5, size=w.shape) for w in model.weights])
    return gradient_check(model, rng.normal(size=(3, 4, 2)), rng.normal(size=(3, 2)))


def train():
    """Learn to tell time: nothing comes in, and every fifth step a spike is to come out."""
    x, y = np.zeros((1, 40, 1)), np.zeros((1, 40, 1))
    y[:, 4::5] = 1
    model = Sequential([RNN(peephole, 8, return_sequences=True), Dense(1)])
    model.compile(Adam(0.01), "mse")
    return model.fit(x, y, epochs=1000, verbose=0)


if __name__ == "__main__":
    set_random_seed(7)
    print(check())
    losses = train().history["loss"]
    print(f"loss at the start {losses[0]:.2f}, at the end below 0.01: {losses[-1] < 0.01}")
