"""Optimisers: one step each, in Keras' form, with new arrays returned; moments start as zeros."""

import math

import numpy as np


def adam(w, dw, m, v, t, lr=0.001, beta_1=0.9, beta_2=0.999, epsilon=1e-7):
    """Step t = 1, 2, ... Returns w, m, v. epsilon stands beside the uncorrected sqrt(v)."""
    m = beta_1 * m + (1.0 - beta_1) * dw
    v = beta_2 * v + (1.0 - beta_2) * dw**2
    correction = math.sqrt(1.0 - beta_2**t) / (1.0 - beta_1**t)
    return w - lr * correction * m / (np.sqrt(v) + epsilon), m, v


def sgd(w, dw, m, lr=0.01, momentum=0.0, nesterov=False):
    """Returns w, m."""
    m = momentum * m - lr * dw
    return (w + momentum * m - lr * dw if nesterov else w + m), m


def rmsprop(w, dw, v, m, a, lr=0.001, rho=0.9, momentum=0.0, epsilon=1e-7, centered=False):
    """v: mean square, m: momentum, a: mean of the gradient. Returns w, v, m, a."""
    v = rho * v + (1.0 - rho) * dw**2
    if centered:
        a = rho * a + (1.0 - rho) * dw
        m = momentum * m + lr * dw / np.sqrt(v - a**2 + epsilon)
    else:
        m = momentum * m + lr * dw / np.sqrt(v + epsilon)
    return w - m, v, m, a


def clipvalue(dw, limit):
    """Each element within [-limit, limit]."""
    return np.clip(dw, -limit, limit)


def clipnorm(dw, limit):
    """The norm of one tensor at most limit."""
    norm = math.sqrt(np.sum(dw**2))
    return dw * limit / max(norm, limit)


def global_clipnorm(gradients, limit):
    """The norm of a list of tensors, taken together, at most limit."""
    norm = math.sqrt(sum(np.sum(dw**2) for dw in gradients))
    return [dw * limit / max(norm, limit) for dw in gradients]
