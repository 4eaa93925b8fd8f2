"""Naive twins of the layers beside the LSTM, of penalties and of the weights in a loss.

As ``tests/naive.py``: each formula as a plain loop in float64, sharing no code with the engine.
Arrays are in the order of a user: samples, steps, features.
"""

import numpy as np

from tests.naive import CLIP, inside_clip, softmax


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


# Penalties on the weights.


def penalty(w, l1, l2):
    """l1 sum |w| + l2 sum w^2.  Returns the penalty and dw."""
    total, dw = 0.0, np.zeros_like(w)
    for index in np.ndindex(w.shape):
        total += l1 * abs(w[index]) + l2 * w[index] ** 2
        dw[index] = l1 * np.sign(w[index]) + l2 * 2.0 * w[index]  # d|w|/dw = sign(w)
    return total, dw


# Losses of classes by number: target (N) whole numbers, z, y (N,K), w (N).


def sparse_crossentropy_from_logits(target, z, w):
    """l = -log p_t, p = softmax(z).  Returns loss, p, dz."""
    loss, p, dz = 0.0, softmax(z), np.zeros_like(z)
    for n in range(len(z)):
        largest = np.max(z[n])
        log_p = z[n] - largest - np.log(np.sum(np.exp(z[n] - largest)))
        loss += w[n] * -log_p[target[n]]
        dz[n] = w[n] * p[n]  # dlog p_t/dz_k = [k = t] - p_k
        dz[n, target[n]] -= w[n]
    return loss, p, dz


def sparse_crossentropy(target, y, w, dtype="float64"):
    """l = -log(q_t / sum(q)), q = clip(y), as Keras.  Returns loss, dy."""
    loss, dy, ends = 0.0, np.zeros_like(y), CLIP[dtype]
    for n in range(len(y)):
        q = np.clip(y[n], *ends)
        loss += w[n] * -(np.log(q[target[n]]) - np.log(np.sum(q)))
        dq = np.full(y.shape[1], 1.0 / np.sum(q))  # dlog(sum(q))/dq_k = 1 / sum(q)
        dq[target[n]] -= 1.0 / q[target[n]]  # dlog(q_t)/dq_t = 1 / q_t
        dy[n] = w[n] * dq * inside_clip(y[n], ends)
    return loss, dy


def sparse_accuracy(target, y):
    """Fraction of the rows (N,K) whose largest output is the target's class."""
    return sum(np.argmax(y[n]) == target[n] for n in range(len(y))) / len(y)


# What each target of a batch weighs: targets of B samples and T steps, w (B,T) in all.


def weights_in_the_loss(weights, held):
    """Weights over the number of targets that count; a masked one (held) counts for nothing."""
    counted = sum(not masked for masked in held.ravel())
    w = np.zeros(held.shape)
    for b in range(held.shape[0]):
        for t in range(held.shape[1]):
            if not held[b, t]:
                w[b, t] = weights[b, t] / counted
    return w
