"""Optimisers: one loop each over a run of the flat parameter vector.

theta, grad (P) are parameters and gradients, moments (1 to 3, P) what the optimiser remembers;
elements start ... stop - 1 are updated. The loops count from 0 on slices: an index that might be
negative, for all the compiler knows, would keep it from making vector code. The scalars (learning
rate, bias corrections) are float64 in every dtype, and rounded once.
"""

import math
from functools import lru_cache

import numba
import numpy as np
from numba import types

from .compiler import inner, kernel, prefer_wide_registers

RULE = np.dtype(
    [
        ("iteration", np.int64),  # updates made so far
        ("learning_rate", np.float64),
        ("decay", np.float64),  # of the learning rate: see `rate_now`
        ("beta_1", np.float64),
        ("beta_2", np.float64),
        ("rho", np.float64),
        ("momentum", np.float64),
        ("epsilon", np.float64),
        ("nesterov", np.int64),
        ("centered", np.int64),
        ("clipping", np.int64),  # NO_CLIP ... CLIP_GLOBAL_NORM
        ("clip_norm", np.float64),  # bound on that norm
        ("clip_value", np.float64),  # bound on each element, infinite where there is none
    ],
    align=True,
)

NO_CLIP, CLIP_VALUE, CLIP_NORM, CLIP_GLOBAL_NORM = range(4)


@lru_cache
def update_signature(dtype):
    """Type of an optimiser kernel for one dtype."""
    vector = types.Array(numba.from_dtype(np.dtype(dtype)), 1, "C")
    moments = types.Array(vector.dtype, 2, "C")
    return types.none(numba.from_dtype(RULE), vector, vector, moments, types.int64, types.int64)


@lru_cache
def clip_signature(dtype):
    """Type of the clipping kernel for one dtype."""
    vector = types.Array(numba.from_dtype(np.dtype(dtype)), 1, "C")
    return types.none(numba.from_dtype(RULE), vector, types.Array(types.int64, 2, "C"))


@inner
def rate_now(rule):
    """lr / (1 + decay t), t updates made before.  Source: Keras 2.2.4, ``keras/optimizers.py``."""
    return rule.learning_rate / (1.0 + rule.decay * rule.iteration)


@kernel(assume=("ninf",))
def adam(rule, theta, grad, moments, start, stop):
    """m = b1 m + (1 - b1) g;  v = b2 v + (1 - b2) g^2;  theta -= rate m / (sqrt(v) + eps).

    rate = lr sqrt(1 - b2^t) / (1 - b1^t), t counted from 1; eps stands beside the *uncorrected*
    sqrt(v), as in Keras (``keras/src/optimizers/adam.py``).  Source: Kingma and Ba 2015, section 2.

    "ninf" lets the compiler divide by a reciprocal estimate and a Newton step in float32, which
    takes a quarter off an update; that an infinite gradient ends in NaN all the same is tested.
    """
    prefer_wide_registers()
    c = theta.dtype.type
    t = rule.iteration + 1
    rate = rate_now(rule) * math.sqrt(1.0 - rule.beta_2**t) / (1.0 - rule.beta_1**t)
    rate, eps = c(rate), c(rule.epsilon)
    b1, b2 = c(rule.beta_1), c(rule.beta_2)
    one_b1, one_b2 = c(1.0 - rule.beta_1), c(1.0 - rule.beta_2)
    w, g = theta[start:stop], grad[start:stop]
    m, v = moments[0, start:stop], moments[1, start:stop]
    for j in range(len(w)):
        m_j = b1 * m[j] + one_b1 * g[j]
        v_j = b2 * v[j] + one_b2 * g[j] * g[j]
        m[j] = m_j
        v[j] = v_j
        w[j] -= rate * m_j / (math.sqrt(v_j) + eps)


@kernel
def sgd(rule, theta, grad, moments, start, stop):
    """theta -= lr g; with momentum: m = momentum m - lr g and theta += m.

    Nesterov: theta += momentum m - lr g, with the new m.  Source: Keras, ``optimizers/sgd.py``.
    """
    c = theta.dtype.type
    rate, momentum = c(rate_now(rule)), c(rule.momentum)
    w, g, m = theta[start:stop], grad[start:stop], moments[0, start:stop]
    if rule.momentum == 0.0:
        for j in range(len(w)):
            w[j] -= rate * g[j]
    elif rule.nesterov:
        for j in range(len(w)):
            m[j] = momentum * m[j] - rate * g[j]
            w[j] += momentum * m[j] - rate * g[j]
    else:
        for j in range(len(w)):
            m[j] = momentum * m[j] - rate * g[j]
            w[j] += m[j]


@kernel
def rmsprop(rule, theta, grad, moments, start, stop):
    """v = rho v + (1 - rho) g^2;  theta -= lr g / sqrt(v + eps).

    With momentum: m = momentum m + lr g / sqrt(v + eps) and theta -= m. Centered: the variance
    v - a^2 in the place of v, where a = rho a + (1 - rho) g.  moments (3, P): v, m, a.
    Source: Keras, ``optimizers/rmsprop.py``; Tieleman and Hinton 2012.
    """
    c = theta.dtype.type
    rate, rho, one_rho = c(rate_now(rule)), c(rule.rho), c(1.0 - rule.rho)
    momentum, eps = c(rule.momentum), c(rule.epsilon)
    w, g = theta[start:stop], grad[start:stop]
    v, m, a = moments[0, start:stop], moments[1, start:stop], moments[2, start:stop]
    for j in range(len(w)):
        v[j] = rho * v[j] + one_rho * g[j] * g[j]
        spread = v[j]
        if rule.centered:
            a[j] = rho * a[j] + one_rho * g[j]
            spread -= a[j] * a[j]
        step = rate * g[j] / math.sqrt(spread + eps)
        if rule.momentum > 0.0:
            m[j] = momentum * m[j] + step
            step = m[j]
        w[j] -= step


@kernel
def rmsprop_keras2(rule, theta, grad, moments, start, stop):
    """v = rho v + (1 - rho) g^2;  theta -= lr g / (sqrt(v) + eps).

    eps stands beside the root, not under it.  Source: Keras 2.2.4, ``keras/optimizers.py``.
    """
    c = theta.dtype.type
    rate, rho, one_rho = c(rate_now(rule)), c(rule.rho), c(1.0 - rule.rho)
    eps = c(rule.epsilon)
    w, g, v = theta[start:stop], grad[start:stop], moments[0, start:stop]
    for j in range(len(w)):
        v[j] = rho * v[j] + one_rho * g[j] * g[j]
        w[j] -= rate * g[j] / (math.sqrt(v[j]) + eps)


@kernel
def clip(rule, grad, tensors):
    """Bound the gradient: each tensor's norm, or the norm of all, and then each element.

    tensors (n, 2): start and stop of each trainable tensor in grad (P).  A norm above the limit is
    scaled to it: g *= limit / norm.  Source: Keras, ``optimizers/base_optimizer.py``, which knows
    one of the three at a time; a norm and then the elements: ``keras/optimizers.py`` of 2.2.4.
    """
    c = grad.dtype.type
    if rule.clipping != CLIP_VALUE:
        clip_norms(rule, grad, tensors)
    if rule.clip_value < np.inf:
        limit = c(rule.clip_value)
        for k in range(tensors.shape[0]):
            for j in range(tensors[k, 0], tensors[k, 1]):
                grad[j] = min(max(grad[j], -limit), limit)


@inner
def clip_norms(rule, grad, tensors):
    """Scale each tensor's gradient, or all of them, down to the bound on the norm."""
    c = grad.dtype.type
    total = 0.0
    for k in range(tensors.shape[0]):
        start, stop = tensors[k, 0], tensors[k, 1]
        squares = 0.0
        for j in range(start, stop):
            squares += np.float64(grad[j]) * np.float64(grad[j])
        total += squares
        if rule.clipping == CLIP_NORM and math.sqrt(squares) > rule.clip_norm:
            scale = c(rule.clip_norm / math.sqrt(squares))
            for j in range(start, stop):
                grad[j] *= scale
    if rule.clipping == CLIP_GLOBAL_NORM and math.sqrt(total) > rule.clip_norm:
        scale = c(rule.clip_norm / math.sqrt(total))
        for k in range(tensors.shape[0]):
            for j in range(tensors[k, 0], tensors[k, 1]):
                grad[j] *= scale
