"""The GRU that resets before the product with U, in plain NumPy: a step, and its derivatives.

    z_u = x W_u + h_prev U_u + b_u               blocks u | r | g of W, U and b, of H columns each
    z_r = x W_r + h_prev U_r + b_r
    z_g = x W_g + h_r U_g + b_g                  h_r = r * h_prev
    u = sigma(z_u)   r = sigma(z_r)   g = phi(z_g)
    h = u * h_prev + (1 - u) * g

Letters, functions and results as in ``lstm.py``, but for the state, which is h alone.
"""

from functools import partial

import numpy as np

from .activations import ACTIVATION, DERIVATIVE
from .recurrent import backward_through_time, forward_through_time


def gru_reset_before_step(x, h_prev, W, U, b, phi, sigma):
    """One step.  x (D), h_prev (H), W (D,3H), U (H,3H), b (3H).  All it makes, by name."""
    W_u, W_r, W_g = np.split(W, 3, axis=1)
    U_u, U_r, U_g = np.split(U, 3, axis=1)
    b_u, b_r, b_g = np.split(b, 3)
    z_u = x @ W_u + h_prev @ U_u + b_u
    z_r = x @ W_r + h_prev @ U_r + b_r
    u = sigma(z_u)
    r = sigma(z_r)
    h_r = r * h_prev
    z_g = x @ W_g + h_r @ U_g + b_g
    g = phi(z_g)
    h = u * h_prev + (1.0 - u) * g
    return {"z": np.concatenate([z_u, z_r, z_g]), "u": u, "r": r, "g": g, "h_r": h_r, "h": h}


def gru_reset_before_step_backward(x, made, dh, W, U, d_phi, d_sigma):
    """One step back.  made: by the step;  dh (H): all that reaches h.  The gradients, by name."""
    u, r, g, h_r, h_prev = (made[name] for name in ("u", "r", "g", "h_r", "h_prev"))
    U_u, U_r, U_g = np.split(U, 3, axis=1)
    du = dh * (h_prev - g)  # h = u * h_prev + (1 - u) * g
    dg = dh * (1.0 - u)  # h = u * h_prev + (1 - u) * g
    dz_g = dg * d_phi(g)  # g = phi(z_g)
    dh_r = dz_g @ U_g.T  # z_g = x @ W_g + h_r @ U_g + b_g
    dr = dh_r * h_prev  # h_r = r * h_prev
    dz_r = dr * d_sigma(r)  # r = sigma(z_r)
    dz_u = du * d_sigma(u)  # u = sigma(z_u)
    dz = np.concatenate([dz_u, dz_r, dz_g])
    dx = dz @ W.T  # z_k = x @ W_k + ... of every gate k
    dW = np.outer(x, dz)  # z_k = x @ W_k + ...
    db = dz  # z_k = x @ W_k + ... + b_k
    dU_u = np.outer(h_prev, dz_u)  # z_u = x @ W_u + h_prev @ U_u + b_u
    dU_r = np.outer(h_prev, dz_r)  # z_r = x @ W_r + h_prev @ U_r + b_r
    dU_g = np.outer(h_r, dz_g)  # z_g = x @ W_g + h_r @ U_g + b_g
    dU = np.concatenate([dU_u, dU_r, dU_g], axis=1)
    dh_prev = dz_u @ U_u.T  # z_u = x @ W_u + h_prev @ U_u + b_u
    dh_prev += dz_r @ U_r.T  # z_r = x @ W_r + h_prev @ U_r + b_r
    dh_prev += dh_r * r  # h_r = r * h_prev
    dh_prev += dh * u  # h = u * h_prev + (1 - u) * g
    return {"dx": dx, "dW": dW, "dU": dU, "db": db, "dz": dz, "dh_prev": dh_prev}


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
    phi, sigma = ACTIVATION[activation], ACTIVATION[recurrent_activation]
    step = partial(gru_reset_before_step, W=W, U=U, b=b, phi=phi, sigma=sigma)
    return forward_through_time(step, x, {"h": h0}, hold, restart, go_backwards)


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
    d_phi, d_sigma = DERIVATIVE[activation], DERIVATIVE[recurrent_activation]
    step_backward = partial(gru_reset_before_step_backward, W=W, U=U, d_phi=d_phi, d_sigma=d_sigma)
    end, options = {"dh": dhT}, (hold, restart, go_backwards)
    sums = {"dW": np.zeros_like(W), "dU": np.zeros_like(U), "db": np.zeros(3 * len(U))}
    return backward_through_time(step_backward, x, forward_result, dy, end, sums, *options)
