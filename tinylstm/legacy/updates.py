"""Optimisers whose updates were others in Keras 1 and 2: kernels of one's own.

Source: ``keras/optimizers.py`` of 1.2.2 to 2.3.1, and ``optimizer_v2/`` of tf.keras up to 2.10.
"""

import math

import numpy as np

from .. import optimizers as engine
from ..kernels import inner, kernel, note, rate_now, within
from ..kernels.training.optimizers import rmsprop_keras2
from ..optimizers import Adagrad, HyperParameter, Nadam, RMSprop, checked_rate

LEAST = 1.2e-38  # stands for an epsilon of zero


class RMSpropOfKeras2(RMSprop):
    """RMSprop, whose epsilon stands beside the root."""

    kernel = rmsprop_keras2
    rests = True


@kernel
def adagrad_keras2(rule, theta, grad, moments, start, stop):
    """v += g^2;  theta -= lr g / (sqrt(v) + eps)."""
    c = theta.dtype.type
    rate, eps, most = c(rate_now(rule)), c(max(rule.epsilon, LEAST)), c(np.finfo(theta.dtype).max)
    w, g, v = theta[start:stop], grad[start:stop], moments[0, start:stop]
    unusable = False
    for j in range(len(w)):
        v_j = v[j] + g[j] * g[j]
        usable = within(most, v_j)
        v[j] = v_j if usable else v[j]
        g_j = g[j] if usable else c(0)
        w[j] -= rate * g_j / (math.sqrt(v[j]) + eps)
        unusable = unusable if usable else True
    note(rule, unusable)


class AdagradOfKeras2(Adagrad):
    """Adagrad, whose epsilon stands beside the root."""

    kernel = adagrad_keras2
    rests = True


@inner
def momentum_at(rule, t):
    """u(t) = b1 (1 - 0.96^(d t) / 2), of the update t = 1, 2, ...; d is the schedule's decay."""
    return rule.beta_1 * (1.0 - 0.5 * 0.96 ** (t * rule.schedule_decay))


@kernel
def nadam_keras2(rule, theta, grad, moments, start, stop):
    """As `tinylstm.optimizers.Nadam`, with these momenta."""
    c = theta.dtype.type
    t = rule.iteration + 1
    now, then = momentum_at(rule, t), momentum_at(rule, t + 1)
    of_g = c(rate_now(rule) * (1.0 - now) / (1.0 - rule.product))
    of_m = c(rate_now(rule) * then / (1.0 - rule.product * then))
    whole, eps = c(1.0 / (1.0 - rule.beta_2**t)), c(max(rule.epsilon, LEAST))
    b1, b2 = c(rule.beta_1), c(rule.beta_2)
    one_b1, one_b2 = c(1.0 - rule.beta_1), c(1.0 - rule.beta_2)
    w, g = theta[start:stop], grad[start:stop]
    m, v = moments[0, start:stop], moments[1, start:stop]
    most, unusable = c(math.sqrt(np.finfo(theta.dtype).max / 2)), False
    for j in range(len(w)):
        usable = within(most, g[j])
        g_j = g[j] if usable else c(0)
        m[j] = b1 * m[j] + one_b1 * g_j
        v[j] = b2 * v[j] + one_b2 * g_j * g_j
        w[j] -= (of_m * m[j] + of_g * g_j) / (math.sqrt(v[j] * whole) + eps)
        unusable = unusable if usable else True
    note(rule, unusable)


@kernel
def advance_nadam_keras2(rule):
    """P = u(1) u(2) ... u(t), before update t."""
    rule.product *= momentum_at(rule, rule.iteration + 1)


class NadamOfKeras2(Nadam):
    """Nadam, whose momenta rise as slowly as ``schedule_decay`` says."""

    kernel = nadam_keras2
    advance = advance_nadam_keras2
    rests = True
    schedule_decay = HyperParameter("How fast the momenta rise: d of `momentum_at`.")

    def __init__(self, *args, schedule_decay=0.004, **kwargs):
        super().__init__(*args, **kwargs)
        self.schedule_decay = schedule_decay


class BoundedTwice:
    """Mixed into an optimiser that bounds the norm of all gradients first, and then the elements.

    Parameters
    ----------
    elements : float
    """

    def __init__(self, *args, elements, **kwargs):
        super().__init__(*args, **kwargs)
        self.rule["clip_value"] = checked_rate("a bound on gradients", elements)


BOUNDED_TWICE = {
    kind: type(f"{kind.__name__}BoundedTwice", (BoundedTwice, kind), {"__module__": __name__})
    for kind in (
        *(engine.SGD, engine.Adam, engine.AdamW, engine.Lion, Nadam, RMSprop, Adagrad),
        *(RMSpropOfKeras2, AdagradOfKeras2, NadamOfKeras2),
    )
}
