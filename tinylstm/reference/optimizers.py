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


def adamw(w, dw, m, v, t, lr=0.001, weight_decay=0.004, **rates):
    """Adam's step, of weights that have decayed; it sees no decay. Returns w, m, v."""
    return adam(w - lr * weight_decay * w, dw, m, v, t, lr, **rates)


def nadam(w, dw, m, v, product, t, lr=0.001, beta_1=0.9, beta_2=0.999, epsilon=1e-7):
    """product: of the momenta of steps 1 ... t - 1, 1 at first. Returns w, m, v, product."""
    now, then = (beta_1 * (1 - 0.5 * 0.96**step) for step in (t, t + 1))
    product = product * now
    m = beta_1 * m + (1.0 - beta_1) * dw
    v = beta_2 * v + (1.0 - beta_2) * dw**2
    m_hat = then * m / (1 - product * then) + (1 - now) * dw / (1 - product)
    v_hat = v / (1 - beta_2**t)
    return w - lr * m_hat / (np.sqrt(v_hat) + epsilon), m, v, product


def adagrad(w, dw, v, lr=0.001, epsilon=1e-7):
    """v: initial_accumulator_value and then the sum of squares. Returns w, v."""
    v = v + dw**2
    return w - lr * dw / np.sqrt(v + epsilon), v


def lion(w, dw, m, lr=0.001, beta_1=0.9, beta_2=0.99):
    """Returns w, m."""
    step = np.sign(beta_1 * m + (1.0 - beta_1) * dw)
    return w - lr * step, beta_2 * m + (1.0 - beta_2) * dw


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
