"""The layers beside the LSTM, in the order of a user: samples, steps, features."""

import numpy as np

from .activations import ACTIVATION, DERIVATIVE, softmax_backward


def dense_forward(x, W, b, activation="linear"):
    """x (N,D) or (B,T,D), W (D,K), b (K). Returns y = activation(x @ W + b), (N,K) or (B,T,K)."""
    rows = x.reshape(-1, len(W))
    z = np.zeros((len(rows), len(b)))
    for n in range(len(rows)):
        z[n] = rows[n] @ W + b
    return ACTIVATION[activation](z).reshape(*x.shape[:-1], -1)


def dense_backward(x, W, y, dy, activation="linear"):
    """Returns dx, dW, db. With a loss fused with the activation: pass its dz as dy, "linear"."""
    rows, dy_rows, y_rows = (a.reshape(-1, a.shape[-1]) for a in (x, dy, y))
    if activation == "softmax":
        dz = softmax_backward(y_rows, dy_rows)
    else:
        dz = dy_rows * DERIVATIVE[activation](y_rows)  # y = activation(z)
    dx, dW, db = np.zeros_like(rows), np.zeros_like(W), np.zeros(W.shape[1])
    for n in range(len(rows)):
        dx[n] = dz[n] @ W.T  # z = x @ W + b
        dW += np.outer(rows[n], dz[n])  # z = x @ W + b
        db += dz[n]  # z = x @ W + b
    return dx.reshape(x.shape), dW, db


def dropout_forward(x, mask, rate):
    """Inverted dropout; mask has x's shape, 1 = keep, 0 = drop."""
    return x * mask / (1.0 - rate)


def dropout_backward(dy, mask, rate):
    return dy * mask / (1.0 - rate)  # y = x * mask / (1 - rate)


def masked_steps(x, value):
    """(B,T) booleans: all features of the step are the value.  x (B,T,D)."""
    held = np.zeros(x.shape[:2], bool)
    for b in range(x.shape[0]):
        for t in range(x.shape[1]):
            held[b, t] = all(number == value for number in x[b, t])
    return held


def masking_forward(x, value):
    """y = x, or 0 at a masked step.  Returns y and which steps are masked."""
    y, held = x.copy(), masked_steps(x, value)
    for b, t in np.argwhere(held):
        y[b, t] = 0.0
    return y, held


def masking_backward(dy, held):
    dx = dy.copy()  # y = x
    for b, t in np.argwhere(held):
        dx[b, t] = 0.0  # y = 0, a constant
    return dx


def embedding_forward(x, E):
    """y[b,t] = E[x[b,t]].  x (B,T) whole numbers, E (V,K).  Returns y (B,T,K)."""
    B, T = x.shape
    y = np.zeros((B, T, E.shape[1]))
    for b in range(B):
        for t in range(T):
            y[b, t] = E[int(x[b, t])]
    return y


def embedding_backward(x, E, dy):
    dE = np.zeros_like(E)
    for b in range(x.shape[0]):
        for t in range(x.shape[1]):
            dE[int(x[b, t])] += dy[b, t]  # y[b,t] = E[x[b,t]]
    return dE


def repeat_forward(x, n):
    """y[b,t] = x[b] for n steps t.  x (B,K)."""
    y = np.zeros((len(x), n, x.shape[1]))
    for b in range(len(x)):
        for t in range(n):
            y[b, t] = x[b]
    return y


def repeat_backward(dy):
    dx = np.zeros((len(dy), dy.shape[2]))
    for b in range(len(dy)):
        for t in range(dy.shape[1]):
            dx[b] += dy[b, t]  # y[b,t] = x[b]
    return dx


def numbers_of(sample):
    """The numbers of one sample in their order: step by step, feature by feature."""
    return [number for step in np.atleast_2d(sample) for number in step]


def reshape(x, shape):
    """The numbers of every sample in another shape, (T_y,K) or (K); of dy, with the shape of x."""
    y = np.zeros((len(x), *shape))
    for b in range(len(x)):
        numbers = numbers_of(x[b])
        for e, index in enumerate(np.ndindex(*shape)):
            y[(b, *index)] = numbers[e]
    return y


def last_step_first(a):
    """(B,T,H) with its steps in reverse."""
    return np.stack([[row[t] for t in reversed(range(len(row)))] for row in a])


def merge_forward(a, b, mode):
    """y from the outputs of both directions at the same step; a, b (B,T,H) or (B,H)."""
    if mode == "concat":
        return np.concatenate([a, b], axis=-1)
    return {"sum": a + b, "mul": a * b, "ave": (a + b) / 2.0}[mode]


def merge_backward(a, b, dy, mode):
    """Returns da, db."""
    H = a.shape[-1]
    if mode == "concat":
        return dy[..., :H], dy[..., H:]  # y = [a | b]
    if mode == "sum":
        return dy, dy  # y = a + b
    if mode == "mul":
        return dy * b, dy * a  # y = a * b
    return dy / 2.0, dy / 2.0  # y = (a + b) / 2


def layer_normalization_forward(x, gamma, beta, epsilon):
    """n = (x - m) / sqrt(v + eps), y = gamma n + beta, each row of x (N,K) for itself.

    Returns y, n and 1 / sqrt(v + eps) of each row.
    """
    y, n, scale = np.zeros_like(x), np.zeros_like(x), np.zeros(len(x))
    for r in range(len(x)):
        m = np.sum(x[r]) / x.shape[1]
        v = np.sum((x[r] - m) ** 2) / x.shape[1]
        scale[r] = 1.0 / np.sqrt(v + epsilon)
        n[r] = (x[r] - m) * scale[r]
        y[r] = gamma * n[r] + beta
    return y, n, scale


def layer_normalization_backward(n, scale, gamma, dy):
    """dx, dgamma, dbeta from dy (N,K)."""
    dx, K = np.zeros_like(n), n.shape[1]
    for r in range(len(n)):
        dn = dy[r] * gamma
        J = (np.eye(K) - 1.0 / K - np.outer(n[r], n[r]) / K) * scale[r]  # dn_j/dx_k
        dx[r] = J @ dn
    return dx, np.sum(dy * n, axis=0), np.sum(dy, axis=0)
