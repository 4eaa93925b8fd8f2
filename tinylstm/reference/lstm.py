"""The LSTM in plain NumPy: the equations of one step of one row and, under them, the derivatives.

    z = x W + h_prev U + b                       blocks i | f | g | o, of H columns each
    i = sigma(z_i)   f = sigma(z_f)   g = phi(z_g)   o = sigma(z_o)
    c = f * c_prev + i * g
    h = o * phi(c)

B samples, T time steps, D features, H units; row vectors, so x @ W; the state is h and c; phi is
the activation, sigma the recurrent one. A d in front is the gradient of the loss; d_phi and d_sigma
alone are derivatives, of what phi and sigma have put out. On the way back the comment at the end of
a line is the equation that is differentiated there. The loop over rows and steps is in
``recurrent.py``.
"""

from functools import partial

import numpy as np

from .activations import ACTIVATION, DERIVATIVE
from .recurrent import as_one_sample, backward_through_time, forward_through_time


def lstm_step(x, h_prev, c_prev, W, U, b, phi, sigma):
    """One step.  x (D), h_prev, c_prev (H), W (D,4H), U (H,4H), b (4H).  All it makes, by name."""
    z = x @ W + h_prev @ U + b
    z_i, z_f, z_g, z_o = np.split(z, 4)
    i = sigma(z_i)
    f = sigma(z_f)
    g = phi(z_g)
    o = sigma(z_o)
    c = f * c_prev + i * g
    h = o * phi(c)
    return {"z": z, "i": i, "f": f, "g": g, "o": o, "c": c, "h": h}


def lstm_step_backward(x, made, dh, dc, W, U, phi, d_phi, d_sigma):
    """One step back.  made: by the step;  dh: all that reaches h;  dc: what comes from the step
    behind;  all (H).  The gradients, by name."""
    i, f, g, o, c = (made[name] for name in ("i", "f", "g", "o", "c"))
    h_prev, c_prev = made["h_prev"], made["c_prev"]
    phi_c = phi(c)
    do = dh * phi_c  # h = o * phi_c
    dphi_c = dh * o  # h = o * phi_c
    dc = dc + dphi_c * d_phi(phi_c)  # phi_c = phi(c)
    di = dc * g  # c = f * c_prev + i * g
    df = dc * c_prev  # c = f * c_prev + i * g
    dg = dc * i  # c = f * c_prev + i * g
    dc_prev = dc * f  # c = f * c_prev + i * g
    dz_i = di * d_sigma(i)  # i = sigma(z_i)
    dz_f = df * d_sigma(f)  # f = sigma(z_f)
    dz_g = dg * d_phi(g)  # g = phi(z_g)
    dz_o = do * d_sigma(o)  # o = sigma(z_o)
    dz = np.concatenate([dz_i, dz_f, dz_g, dz_o])
    dx = dz @ W.T  # z = x @ W + h_prev @ U + b
    dW = np.outer(x, dz)  # z = x @ W + h_prev @ U + b
    dU = np.outer(h_prev, dz)  # z = x @ W + h_prev @ U + b
    db = dz  # z = x @ W + h_prev @ U + b
    dh_prev = dz @ U.T  # z = x @ W + h_prev @ U + b
    before = {"dh_prev": dh_prev, "dc_prev": dc_prev}
    return {"dx": dx, "dW": dW, "dU": dU, "db": db, "dz": dz, "dc": dc, **before}


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
    phi, sigma = ACTIVATION[activation], ACTIVATION[recurrent_activation]
    step = partial(lstm_step, W=W, U=U, b=b, phi=phi, sigma=sigma)
    return forward_through_time(step, x, {"h": h0, "c": c0}, hold, restart, go_backwards)


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
    phi, d_phi = ACTIVATION[activation], DERIVATIVE[activation]
    d_sigma = DERIVATIVE[recurrent_activation]
    step_backward = partial(lstm_step_backward, W=W, U=U, phi=phi, d_phi=d_phi, d_sigma=d_sigma)
    end, options = {"dh": dhT, "dc": dcT}, (hold, restart, go_backwards)
    sums = {"dW": np.zeros_like(W), "dU": np.zeros_like(U), "db": np.zeros(4 * len(U))}
    return backward_through_time(step_backward, x, forward_result, dy, end, sums, *options)


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
