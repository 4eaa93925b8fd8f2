"""The GRU in plain loops: forward equations and, under them, the backward ones.

    z   = x W + b                                blocks u | r | g, of H columns each
    z_h = h_prev U + b_h                         likewise
    u = rec(z_u + z_h_u)   r = rec(z_r + z_h_r)   g = act(z_g + r * z_h_g)
    h = u * h_prev + (1 - u) * g

Letters, loops and results as in ``lstm.py``, but for the state, which is h alone, and for the
biases, which are two: the candidate g needs z and z_h apart.
"""

import numpy as np

from .activations import ACTIVATION, DERIVATIVE


def gru_forward(
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
    """x (B,T,D), W (D,3H), U (H,3H), b (2,3H): b and b_h, h0 (B,H), hold and restart (B,T) bool.

    hold, restart, go_backwards: as in `lstm_forward`.

    Returns a dict: y (B,T,H) in processing order; hT (B,H); and in time order z and z_h (B,T,3H),
    u, r, g (B,T,H), the state after each step h, and the one it started from, h_prev (B,T,H). What
    a held step computes is not used.
    """
    B, T, _ = x.shape
    H = len(U)
    act = ACTIVATION[activation]
    rec = ACTIVATION[recurrent_activation]
    hold = np.zeros((B, T), bool) if hold is None else hold
    restart = np.zeros((B, T), bool) if restart is None else restart
    y, u, r, g, h, h_prev = (np.zeros((B, T, H)) for _ in range(6))
    z, z_h = np.zeros((B, T, 3 * H)), np.zeros((B, T, 3 * H))
    hT = h0.copy()  # the running state of each row
    for row in range(B):
        output = np.zeros(H)
        for step in range(T):
            t = T - 1 - step if go_backwards else step
            at = row, t
            if restart[at]:
                hT[row] = 0.0
            h_prev[at] = hT[row]
            z[at] = x[at] @ W + b[0]
            z_h[at] = h_prev[at] @ U + b[1]
            z_u, z_r, z_g = np.split(z[at], 3)
            z_h_u, z_h_r, z_h_g = np.split(z_h[at], 3)
            u[at] = rec(z_u + z_h_u)
            r[at] = rec(z_r + z_h_r)
            g[at] = act(z_g + r[at] * z_h_g)
            if hold[at]:
                h[at] = h_prev[at]
            else:
                h[at] = u[at] * h_prev[at] + (1.0 - u[at]) * g[at]
                output = h[at]
            y[row, step] = output
            hT[row] = h[at]
    steps = {"z": z, "z_h": z_h, "u": u, "r": r, "g": g, "h": h}
    return {"y": y, "hT": hT, "h_prev": h_prev, **steps}


def gru_backward(
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

    Returns a dict: dx (B,T,D), dW, dU, db (2,3H), dh0 (B,H), and in time order dz and dz_h (B,T,3H)
    and the total gradient dh (B,T,H) that reaches h after each step. A held step has dz = 0 and in
    dh what passes through to the step before; its dy goes to the output that it repeats.
    """
    u, r, g, z_h, h_prev = (forward_result[name] for name in ("u", "r", "g", "z_h", "h_prev"))
    B, T, _ = x.shape
    H = len(U)
    d_act = DERIVATIVE[activation]
    d_rec = DERIVATIVE[recurrent_activation]
    hold = np.zeros((B, T), bool) if hold is None else hold
    restart = np.zeros((B, T), bool) if restart is None else restart
    dx, dW, dU, db = np.zeros_like(x), np.zeros_like(W), np.zeros_like(U), np.zeros((2, 3 * H))
    dz, dz_h, dh = np.zeros((B, T, 3 * H)), np.zeros((B, T, 3 * H)), np.zeros((B, T, H))
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
                dz_g = dg * d_act(g[at])  # g = act(z_g + r * z_h_g)
                dr = dz_g * z_h[at][2 * H :]  # g = act(z_g + r * z_h_g)
                dz_h_g = dz_g * r[at]  # g = act(z_g + r * z_h_g)
                dz_r = dr * d_rec(r[at])  # r = rec(z_r + z_h_r)
                dz_u = du * d_rec(u[at])  # u = rec(z_u + z_h_u)
                dz[at] = np.concatenate([dz_u, dz_r, dz_g])
                dz_h[at] = np.concatenate([dz_u, dz_r, dz_h_g])
                dx[at] = dz[at] @ W.T  # z = x @ W + b
                dW += np.outer(x[at], dz[at])  # z = x @ W + b
                dU += np.outer(h_prev[at], dz_h[at])  # z_h = h_prev @ U + b_h
                db += [dz[at], dz_h[at]]  # z = x @ W + b, z_h = h_prev @ U + b_h
                dh0[row] = dz_h[at] @ U.T  # z_h = h_prev @ U + b_h
                dh0[row] += dh[at] * u[at]  # h = u * h_prev + (1 - u) * g
                d_repeats = np.zeros(H)
            if restart[at]:
                dh0[row] = 0.0  # h_prev = 0, a constant
    steps = {"dz": dz, "dz_h": dz_h, "dh": dh}
    return {"dx": dx, "dW": dW, "dU": dU, "db": db, "dh0": dh0, **steps}
