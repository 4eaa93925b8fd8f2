"""The GRU in plain NumPy: the equations of one step of one row and, under them, the derivatives.

    z   = x W + b                                blocks u | r | g, of H columns each
    z_h = h_prev U + b_h                         likewise
    u = sigma(z_u + z_h_u)   r = sigma(z_r + z_h_r)   g = phi(z_g + r * z_h_g)
    h = u * h_prev + (1 - u) * g

Letters, functions and results as in ``lstm.py``, but for the state, which is h alone, and for the
biases, which are two: the candidate g needs z and z_h apart.
"""

from functools import partial

import numpy as np

from .activations import ACTIVATION, DERIVATIVE
from .recurrent import backward_through_time, forward_through_time


def gru_step(x, h_prev, W, U, b, phi, sigma):
    """One step.  x (D), h_prev (H), W (D,3H), U (H,3H), b (2,3H).  All it makes, by name."""
    z = x @ W + b[0]
    z_h = h_prev @ U + b[1]
    z_u, z_r, z_g = np.split(z, 3)
    z_h_u, z_h_r, z_h_g = np.split(z_h, 3)
    u = sigma(z_u + z_h_u)
    r = sigma(z_r + z_h_r)
    g = phi(z_g + r * z_h_g)
    h = u * h_prev + (1.0 - u) * g
    return {"z": z, "z_h": z_h, "u": u, "r": r, "g": g, "h": h}


def gru_step_backward(x, made, dh, W, U, d_phi, d_sigma):
    """One step back.  made: by the step;  dh (H): all that reaches h.  The gradients, by name."""
    u, r, g, h_prev = (made[name] for name in ("u", "r", "g", "h_prev"))
    *_, z_h_g = np.split(made["z_h"], 3)
    du = dh * (h_prev - g)  # h = u * h_prev + (1 - u) * g
    dg = dh * (1.0 - u)  # h = u * h_prev + (1 - u) * g
    dz_g = dg * d_phi(g)  # g = phi(z_g + r * z_h_g)
    dr = dz_g * z_h_g  # g = phi(z_g + r * z_h_g)
    dz_h_g = dz_g * r  # g = phi(z_g + r * z_h_g)
    dz_r = dr * d_sigma(r)  # r = sigma(z_r + z_h_r)
    dz_u = du * d_sigma(u)  # u = sigma(z_u + z_h_u)
    dz = np.concatenate([dz_u, dz_r, dz_g])
    dz_h = np.concatenate([dz_u, dz_r, dz_h_g])
    dx = dz @ W.T  # z = x @ W + b
    dW = np.outer(x, dz)  # z = x @ W + b
    dU = np.outer(h_prev, dz_h)  # z_h = h_prev @ U + b_h
    db = np.stack([dz, dz_h])  # z = x @ W + b and z_h = h_prev @ U + b_h
    dh_prev = dz_h @ U.T  # z_h = h_prev @ U + b_h
    dh_prev += dh * u  # h = u * h_prev + (1 - u) * g
    return {"dx": dx, "dW": dW, "dU": dU, "db": db, "dz": dz, "dz_h": dz_h, "dh_prev": dh_prev}


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
    phi, sigma = ACTIVATION[activation], ACTIVATION[recurrent_activation]
    step = partial(gru_step, W=W, U=U, b=b, phi=phi, sigma=sigma)
    return forward_through_time(step, x, {"h": h0}, hold, restart, go_backwards)


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
    d_phi, d_sigma = DERIVATIVE[activation], DERIVATIVE[recurrent_activation]
    step_backward = partial(gru_step_backward, W=W, U=U, d_phi=d_phi, d_sigma=d_sigma)
    end, options = {"dh": dhT}, (hold, restart, go_backwards)
    sums = {"dW": np.zeros_like(W), "dU": np.zeros_like(U), "db": np.zeros((2, 3 * len(U)))}
    return backward_through_time(step_backward, x, forward_result, dy, end, sums, *options)
