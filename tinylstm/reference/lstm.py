"""The LSTM in plain loops: forward equations and, under them, the backward ones.

    z = x W + h_prev U + b                       blocks i | f | g | o, of H columns each
    i = rec(z_i)   f = rec(z_f)   g = act(z_g)   o = rec(z_o)
    c = f * c_prev + i * g
    h = o * act(c)

B samples, T time steps, D features, H units; row vectors, so x @ W; the state is h and c; a d in
front is the gradient of the loss. In a backward function the comment at the end of a line is the
equation that is differentiated there.
"""

import numpy as np

from .activations import ACTIVATION, DERIVATIVE


def lstm_forward(
    x,
    W,
    U,
    b,
    h0,
    c0,
    hold=None,
    restart=None,
    activation="tanh",
    recurrent_activation="sigmoid",
    go_backwards=False,
):
    """x (B,T,D), W (D,4H), U (H,4H), b (4H), h0 and c0 (B,H), hold and restart (B,T) bool.

    hold: h and c stay, the output repeats the row's last output (zeros before the first one).
    restart: the step starts from a zero state; it acts before hold and leaves the last output.
    go_backwards: steps are processed from T-1 down to 0.

    Returns a dict: y (B,T,H) in processing order; hT, cT (B,H); and in time order z (B,T,4H),
    i, f, g, o (B,T,H), the state after each step c, h (B,T,H), and the state each step started
    from, h_prev, c_prev (B,T,H). z and the gates of a held step are computed but not used.
    """
    B, T, _ = x.shape
    H = len(U)
    act = ACTIVATION[activation]
    rec = ACTIVATION[recurrent_activation]
    hold = np.zeros((B, T), bool) if hold is None else hold
    restart = np.zeros((B, T), bool) if restart is None else restart
    y, i, f, g, o, c, h, h_prev, c_prev = (np.zeros((B, T, H)) for _ in range(9))
    z = np.zeros((B, T, 4 * H))
    hT, cT = h0.copy(), c0.copy()  # the running state of each row
    for row in range(B):
        output = np.zeros(H)
        for step in range(T):
            t = T - 1 - step if go_backwards else step
            at = row, t
            if restart[at]:
                hT[row], cT[row] = 0.0, 0.0
            h_prev[at], c_prev[at] = hT[row], cT[row]
            z[at] = x[at] @ W + h_prev[at] @ U + b
            z_i, z_f, z_g, z_o = np.split(z[at], 4)
            i[at] = rec(z_i)
            f[at] = rec(z_f)
            g[at] = act(z_g)
            o[at] = rec(z_o)
            if hold[at]:
                c[at] = c_prev[at]
                h[at] = h_prev[at]
            else:
                c[at] = f[at] * c_prev[at] + i[at] * g[at]
                h[at] = o[at] * act(c[at])
                output = h[at]
            y[row, step] = output
            hT[row], cT[row] = h[at], c[at]
    steps = {"z": z, "i": i, "f": f, "g": g, "o": o, "c": c, "h": h}
    return {"y": y, "hT": hT, "cT": cT, "h_prev": h_prev, "c_prev": c_prev, **steps}


def lstm_backward(
    x,
    W,
    U,
    forward_result,
    dy,
    dhT,
    dcT,
    hold=None,
    restart=None,
    activation="tanh",
    recurrent_activation="sigmoid",
    go_backwards=False,
):
    """Backpropagation through time. dy (B,T,H) in processing order, dhT and dcT (B,H).

    Returns a dict: dx (B,T,D), dW, dU, db, dh0, dc0 (B,H), and in time order dz (B,T,4H) and the
    total gradients dh, dc (B,T,H) that reach h and c after each step. A held step has dz = 0 and
    in dh, dc what passes through to the step before; its dy goes to the output that it repeats.
    """
    i, f, g, o, c = (forward_result[name] for name in ("i", "f", "g", "o", "c"))
    h_prev, c_prev = forward_result["h_prev"], forward_result["c_prev"]
    B, T, _ = x.shape
    H = len(U)
    act = ACTIVATION[activation]
    d_act = DERIVATIVE[activation]
    d_rec = DERIVATIVE[recurrent_activation]
    hold = np.zeros((B, T), bool) if hold is None else hold
    restart = np.zeros((B, T), bool) if restart is None else restart
    dx, dW, dU, db = np.zeros_like(x), np.zeros_like(W), np.zeros_like(U), np.zeros(4 * H)
    dz, dh, dc = np.zeros((B, T, 4 * H)), np.zeros((B, T, H)), np.zeros((B, T, H))
    dh0, dc0 = dhT.copy(), dcT.copy()  # while stepping back: what reaches the state of each row
    for row in range(B):
        d_repeats = np.zeros(H)  # dy of the held steps that repeat one output
        for step in reversed(range(T)):
            t = T - 1 - step if go_backwards else step
            at = row, t
            dh[at], dc[at] = dh0[row], dc0[row]
            if hold[at]:
                d_repeats = d_repeats + dy[row, step]
            else:
                a = act(c[at])
                dh[at] += dy[row, step] + d_repeats  # y = h, also in the steps that repeat it
                do = dh[at] * a  # h = o * a
                da = dh[at] * o[at]  # h = o * a
                dc[at] += da * d_act(a)  # a = act(c)
                di = dc[at] * g[at]  # c = f * c_prev + i * g
                df = dc[at] * c_prev[at]  # c = f * c_prev + i * g
                dg = dc[at] * i[at]  # c = f * c_prev + i * g
                dz_i = di * d_rec(i[at])  # i = rec(z_i)
                dz_f = df * d_rec(f[at])  # f = rec(z_f)
                dz_g = dg * d_act(g[at])  # g = act(z_g)
                dz_o = do * d_rec(o[at])  # o = rec(z_o)
                dz[at] = np.concatenate([dz_i, dz_f, dz_g, dz_o])
                dx[at] = dz[at] @ W.T  # z = x @ W + h_prev @ U + b
                dW += np.outer(x[at], dz[at])  # z = x @ W + h_prev @ U + b
                dU += np.outer(h_prev[at], dz[at])  # z = x @ W + h_prev @ U + b
                db += dz[at]  # z = x @ W + h_prev @ U + b
                dh0[row] = dz[at] @ U.T  # z = x @ W + h_prev @ U + b
                dc0[row] = dc[at] * f[at]  # c = f * c_prev + i * g
                d_repeats = np.zeros(H)
            if restart[at]:
                dh0[row], dc0[row] = 0.0, 0.0  # h_prev = c_prev = 0, a constant
    steps = {"dz": dz, "dh": dh, "dc": dc}
    return {"dx": dx, "dW": dW, "dU": dU, "db": db, "dh0": dh0, "dc0": dc0, **steps}


def as_one_sample(a):
    """(B,T,...) as (1,B*T,...); None stays None."""
    return None if a is None else a.reshape(1, -1, *a.shape[2:])


def lstm_batch_carried_forward(x, W, U, b, hold=None, restart=None, **activations):
    """Sample b starts from the final state of sample b-1, the first from zeros.

    As lstm_forward of one sample of B*T steps: hT, cT (1,H) are the batch's final state, and a
    sample that begins with held steps repeats the last output of the sample before.
    """
    B, T, _ = x.shape
    zeros = np.zeros((1, len(U)))
    x, hold, restart = (as_one_sample(a) for a in (x, hold, restart))
    result = lstm_forward(x, W, U, b, zeros, zeros, hold, restart, **activations)
    return {k: a if k in ("hT", "cT") else a.reshape(B, T, -1) for k, a in result.items()}


def lstm_batch_carried_backward(
    x, W, U, forward_result, dy, dhT, dcT, hold=None, restart=None, **activations
):
    """As lstm_backward through the whole batch; dhT, dcT and dh0, dc0 are (1,H)."""
    B, T, _ = x.shape
    steps = {k: as_one_sample(a) for k, a in forward_result.items() if k not in ("hT", "cT")}
    x, dy, hold, restart = (as_one_sample(a) for a in (x, dy, hold, restart))
    result = lstm_backward(x, W, U, steps, dy, dhT, dcT, hold, restart, **activations)
    return result | {k: result[k].reshape(B, T, -1) for k in ("dx", "dz", "dh", "dc")}
