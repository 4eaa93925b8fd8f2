"""The plain recurrent layer in loops: forward equations and, under them, the backward ones.

    z = x W + h_prev U + b
    g = act(z)
    h = g

Letters, loops and results as in ``lstm.py``, but for the state, which is h alone.
"""

import numpy as np

from .activations import ACTIVATION, DERIVATIVE


def simple_rnn_forward(
    x, W, U, b, h0, hold=None, restart=None, activation="tanh", go_backwards=False
):
    """x (B,T,D), W (D,H), U (H,H), b (H), h0 (B,H), hold and restart (B,T) bool.

    hold, restart, go_backwards: as in `lstm_forward`.

    Returns a dict: y (B,T,H) in processing order; hT (B,H); and in time order z, g, the state after
    each step h, and the one it started from, h_prev (B,T,H). z and g of a held step are computed
    but not used.
    """
    B, T, _ = x.shape
    H = len(U)
    act = ACTIVATION[activation]
    hold = np.zeros((B, T), bool) if hold is None else hold
    restart = np.zeros((B, T), bool) if restart is None else restart
    y, z, g, h, h_prev = (np.zeros((B, T, H)) for _ in range(5))
    hT = h0.copy()  # the running state of each row
    for row in range(B):
        output = np.zeros(H)
        for step in range(T):
            t = T - 1 - step if go_backwards else step
            at = row, t
            if restart[at]:
                hT[row] = 0.0
            h_prev[at] = hT[row]
            z[at] = x[at] @ W + h_prev[at] @ U + b
            g[at] = act(z[at])
            if hold[at]:
                h[at] = h_prev[at]
            else:
                h[at] = g[at]
                output = h[at]
            y[row, step] = output
            hT[row] = h[at]
    return {"y": y, "hT": hT, "h_prev": h_prev, "z": z, "g": g, "h": h}


def simple_rnn_backward(
    x,
    W,
    U,
    forward_result,
    dy,
    dhT,
    hold=None,
    restart=None,
    activation="tanh",
    go_backwards=False,
):
    """Backpropagation through time. dy (B,T,H) in processing order, dhT (B,H).

    Returns a dict: dx (B,T,D), dW, dU, db, dh0 (B,H), and in time order dz and the total gradient
    dh (B,T,H) that reaches h after each step. A held step has dz = 0 and in dh what passes through
    to the step before; its dy goes to the output that it repeats.
    """
    g, h_prev = forward_result["g"], forward_result["h_prev"]
    B, T, _ = x.shape
    H = len(U)
    d_act = DERIVATIVE[activation]
    hold = np.zeros((B, T), bool) if hold is None else hold
    restart = np.zeros((B, T), bool) if restart is None else restart
    dx, dW, dU, db = np.zeros_like(x), np.zeros_like(W), np.zeros_like(U), np.zeros(H)
    dz, dh = np.zeros((B, T, H)), np.zeros((B, T, H))
    dh0 = dhT.copy()  # while stepping back: what reaches the state of each row
    for row in range(B):
        d_repeats = np.zeros(H)  # dy of the held steps that repeat one output
        for step in reversed(range(T)):
            t = T - 1 - step if go_backwards else step
            at = row, t
            dh[at] = dh0[row]
            if hold[at]:
                d_repeats = d_repeats + dy[row, step]
            else:
                dh[at] += dy[row, step] + d_repeats  # y = h, also in the steps that repeat it
                dg = dh[at]  # h = g
                dz[at] = dg * d_act(g[at])  # g = act(z)
                dx[at] = dz[at] @ W.T  # z = x @ W + h_prev @ U + b
                dW += np.outer(x[at], dz[at])  # z = x @ W + h_prev @ U + b
                dU += np.outer(h_prev[at], dz[at])  # z = x @ W + h_prev @ U + b
                db += dz[at]  # z = x @ W + h_prev @ U + b
                dh0[row] = dz[at] @ U.T  # z = x @ W + h_prev @ U + b
                d_repeats = np.zeros(H)
            if restart[at]:
                dh0[row] = 0.0  # h_prev = 0, a constant
    return {"dx": dx, "dW": dW, "dU": dU, "db": db, "dh0": dh0, "dz": dz, "dh": dh}
