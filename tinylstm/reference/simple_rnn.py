"""The SimpleRNN in plain NumPy: the equations of one step of one row and, under them, the
derivatives.

    z = x W + h_prev U + b
    g = phi(z)
    h = g

Letters, functions and results as in ``lstm.py``, but for the state, which is h alone.
"""

from functools import partial

import numpy as np

from .activations import ACTIVATION, DERIVATIVE
from .recurrent import backward_through_time, forward_through_time


def simple_rnn_step(x, h_prev, W, U, b, phi):
    """One step.  x (D), h_prev (H), W (D,H), U (H,H), b (H).  All it makes, by name."""
    z = x @ W + h_prev @ U + b
    g = phi(z)
    h = g
    return {"z": z, "g": g, "h": h}


def simple_rnn_step_backward(x, made, dh, W, U, d_phi):
    """One step back.  made: by the step;  dh (H): all that reaches h.  The gradients, by name."""
    g, h_prev = made["g"], made["h_prev"]
    dg = dh  # h = g
    dz = dg * d_phi(g)  # g = phi(z)
    dx = dz @ W.T  # z = x @ W + h_prev @ U + b
    dW = np.outer(x, dz)  # z = x @ W + h_prev @ U + b
    dU = np.outer(h_prev, dz)  # z = x @ W + h_prev @ U + b
    db = dz  # z = x @ W + h_prev @ U + b
    dh_prev = dz @ U.T  # z = x @ W + h_prev @ U + b
    return {"dx": dx, "dW": dW, "dU": dU, "db": db, "dz": dz, "dh_prev": dh_prev}


def simple_rnn_forward(
    x, W, U, b, h0, hold=None, restart=None, activation="tanh", go_backwards=False
):
    """x (B,T,D), W (D,H), U (H,H), b (H), h0 (B,H), hold and restart (B,T) bool.

    hold, restart, go_backwards: as in `lstm_forward`.

    Returns a dict: y (B,T,H) in processing order; hT (B,H); and in time order z, g, the state after
    each step h, and the one it started from, h_prev (B,T,H). z and g of a held step are computed
    but not used.
    """
    step = partial(simple_rnn_step, W=W, U=U, b=b, phi=ACTIVATION[activation])
    return forward_through_time(step, x, {"h": h0}, hold, restart, go_backwards)


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
    step_backward = partial(simple_rnn_step_backward, W=W, U=U, d_phi=DERIVATIVE[activation])
    end, options = {"dh": dhT}, (hold, restart, go_backwards)
    sums = {"dW": np.zeros_like(W), "dU": np.zeros_like(U), "db": np.zeros(len(U))}
    return backward_through_time(step_backward, x, forward_result, dy, end, sums, *options)
