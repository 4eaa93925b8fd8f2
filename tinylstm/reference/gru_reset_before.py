"""The GRU that resets before the product with U, in plain loops: forward, and under it backward.

    z_u = x W_u + h_prev U_u + b_u               blocks u | r | g of W, U and b, of H columns each
    z_r = x W_r + h_prev U_r + b_r
    z_g = x W_g + h_r U_g + b_g                  h_r = r * h_prev
    u = rec(z_u)   r = rec(z_r)   g = act(z_g)
    h = u * h_prev + (1 - u) * g

Letters, loops and results as in ``lstm.py``, but for the state, which is h alone.
"""

import numpy as np

from .activations import ACTIVATION, DERIVATIVE


def gru_reset_before_forward(
    x,
    W,
    U,
    b,
    h0,
    hold=None,
    restart=None,
    activation="tanh",
    recurrent_activation="sigmoid",
    go_backwards=False,
):
    """x (B,T,D), W (D,3H), U (H,3H), b (3H), h0 (B,H), hold and restart (B,T) bool.

    hold, restart, go_backwards: as in `lstm_forward`.

    Returns a dict: y (B,T,H) in processing order; hT (B,H); and in time order z (B,T,3H), u, r, g
    and h_r (B,T,H), the state after each step h, and the one it started from, h_prev (B,T,H). What
    a held step computes is not used.
    """
    B, T, _ = x.shape
    H = len(U)
    act = ACTIVATION[activation]
    rec = ACTIVATION[recurrent_activation]
    hold = np.zeros((B, T), bool) if hold is None else hold
    restart = np.zeros((B, T), bool) if restart is None else restart
    y, u, r, g, h, h_r, h_prev = (np.zeros((B, T, H)) for _ in range(7))
    z = np.zeros((B, T, 3 * H))
    (W_u, W_r, W_g), (U_u, U_r, U_g) = np.split(W, 3, axis=1), np.split(U, 3, axis=1)
    b_u, b_r, b_g = np.split(b, 3)
    hT = h0.copy()  # the running state of each row
    for row in range(B):
        output = np.zeros(H)
        for step in range(T):
            t = T - 1 - step if go_backwards else step
            at = row, t
            if restart[at]:
                hT[row] = 0.0
            h_prev[at] = hT[row]
            z_u = x[at] @ W_u + h_prev[at] @ U_u + b_u
            z_r = x[at] @ W_r + h_prev[at] @ U_r + b_r
            u[at] = rec(z_u)
            r[at] = rec(z_r)
            h_r[at] = r[at] * h_prev[at]
            z_g = x[at] @ W_g + h_r[at] @ U_g + b_g
            g[at] = act(z_g)
            z[at] = np.concatenate([z_u, z_r, z_g])
            if hold[at]:
                h[at] = h_prev[at]
            else:
                h[at] = u[at] * h_prev[at] + (1.0 - u[at]) * g[at]
                output = h[at]
            y[row, step] = output
            hT[row] = h[at]
    steps = {"z": z, "u": u, "r": r, "g": g, "h_r": h_r, "h": h}
    return {"y": y, "hT": hT, "h_prev": h_prev, **steps}


def gru_reset_before_backward(
    x,
    W,
    U,
    forward_result,
    dy,
    dhT,
    hold=None,
    restart=None,
    activation="tanh",
    recurrent_activation="sigmoid",
    go_backwards=False,
):
    """Backpropagation through time. dy (B,T,H) in processing order, dhT (B,H).

    Returns a dict: dx (B,T,D), dW, dU, db (3H), dh0 (B,H), and in time order dz (B,T,3H) and the
    total gradient dh (B,T,H) that reaches h after each step. A held step has dz = 0 and in dh what
    passes through to the step before; its dy goes to the output that it repeats.
    """
    u, r, g, h_r, h_prev = (forward_result[name] for name in ("u", "r", "g", "h_r", "h_prev"))
    B, T, _ = x.shape
    H = len(U)
    d_act = DERIVATIVE[activation]
    d_rec = DERIVATIVE[recurrent_activation]
    hold = np.zeros((B, T), bool) if hold is None else hold
    restart = np.zeros((B, T), bool) if restart is None else restart
    dx, dW, dU, db = np.zeros_like(x), np.zeros_like(W), np.zeros_like(U), np.zeros(3 * H)
    dz, dh = np.zeros((B, T, 3 * H)), np.zeros((B, T, H))
    (U_u, U_r, U_g), (dU_u, dU_r, dU_g) = np.split(U, 3, axis=1), np.split(dU, 3, axis=1)  # views
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
                du = dh[at] * (h_prev[at] - g[at])  # h = u * h_prev + (1 - u) * g
                dg = dh[at] * (1.0 - u[at])  # h = u * h_prev + (1 - u) * g
                dz_g = dg * d_act(g[at])  # g = act(z_g)
                dh_r = dz_g @ U_g.T  # z_g = x @ W_g + h_r @ U_g + b_g
                dr = dh_r * h_prev[at]  # h_r = r * h_prev
                dz_r = dr * d_rec(r[at])  # r = rec(z_r)
                dz_u = du * d_rec(u[at])  # u = rec(z_u)
                dz[at] = np.concatenate([dz_u, dz_r, dz_g])
                dx[at] = dz[at] @ W.T  # z = x @ W + ...
                dW += np.outer(x[at], dz[at])  # z = x @ W + ...
                dU_u += np.outer(h_prev[at], dz_u)  # z_u = x @ W_u + h_prev @ U_u + b_u
                dU_r += np.outer(h_prev[at], dz_r)  # z_r = x @ W_r + h_prev @ U_r + b_r
                dU_g += np.outer(h_r[at], dz_g)  # z_g = x @ W_g + h_r @ U_g + b_g
                db += dz[at]  # z = ... + b
                dh0[row] = dz_u @ U_u.T + dz_r @ U_r.T  # z_u, z_r
                dh0[row] += dh_r * r[at]  # h_r = r * h_prev
                dh0[row] += dh[at] * u[at]  # h = u * h_prev + (1 - u) * g
                d_repeats = np.zeros(H)
            if restart[at]:
                dh0[row] = 0.0  # h_prev = 0, a constant
    steps = {"dz": dz, "dh": dh}
    return {"dx": dx, "dW": dW, "dU": dU, "db": db, "dh0": dh0, **steps}
