"""Optimisers whose updates were others in Keras 1 and 2.

Source: ``keras/optimizers.py`` of 1.2.2 to 2.3.1, and ``optimizer_v2/`` of tf.keras up to 2.10.
"""

import math

import numpy as np

from ..compiling import inner, kernel
from .optimizers import (
    SMALLEST,
    WITH_START,
    most_with_square,
    nadam_with,
    note,
    rate_now,
    rule_with,
    within,
)

WITH_SCHEDULE = rule_with(("product", "schedule_decay"))  # of the momenta: see `slow_momentum_at`


@kernel
def rmsprop_keras2(rule, theta, grad, moments, start, stop):
    """v = rho v + (1 - rho) g^2;  theta -= lr g / (sqrt(v) + eps).

    eps stands beside the root, not under it.  Source: Keras 2.2.4, ``keras/optimizers.py``.
    """
    c = theta.dtype.type
    rate, rho, one_rho = c(rate_now(rule)), c(rule.rho), c(1.0 - rule.rho)
    eps = c(max(rule.epsilon, SMALLEST))
    w, g, v = theta[start:stop], grad[start:stop], moments[0, start:stop]
    most, unusable = most_with_square(theta), False
    for j in range(len(w)):
        usable = within(most, g[j])
        g_j = g[j] if usable else c(0)
        v[j] = rho * v[j] + one_rho * g_j * g_j
        w[j] -= rate * g_j / (math.sqrt(v[j]) + eps)
        unusable = unusable if usable else True
    note(rule, unusable)


@kernel
def adagrad_keras2(rule: WITH_START, theta, grad, moments, start, stop):
    """v += g^2;  theta -= lr g / (sqrt(v) + eps)."""
    c = theta.dtype.type
    rate, eps = c(rate_now(rule)), c(max(rule.epsilon, SMALLEST))
    w, g, v = theta[start:stop], grad[start:stop], moments[0, start:stop]
    most, unusable = c(np.finfo(theta.dtype).max), False
    for j in range(len(w)):
        v_j = v[j] + g[j] * g[j]
        usable = within(most, v_j)
        v[j] = v_j if usable else v[j]
        g_j = g[j] if usable else c(0)
        w[j] -= rate * g_j / (math.sqrt(v[j]) + eps)
        unusable = unusable if usable else True
    note(rule, unusable)


@inner
def slow_momentum_at(rule, t):
    """u(t) = b1 (1 - 0.96^(d t) / 2), of the update t = 1, 2, ...; d is the schedule's decay.

    With d = 1 it is not `momentum_at` to the last bit: there the power is a product, t is whole.
    """
    return rule.beta_1 * (1.0 - 0.5 * 0.96 ** (t * rule.schedule_decay))


@kernel
def nadam_keras2(rule: WITH_SCHEDULE, theta, grad, moments, start, stop):
    """As `nadam`, with these momenta."""
    t = rule.iteration + 1
    u, u_next = slow_momentum_at(rule, t), slow_momentum_at(rule, t + 1)
    nadam_with(rule, u, u_next, theta, grad, moments, start, stop)


@kernel
def advance_nadam_keras2(rule: WITH_SCHEDULE):
    """P = u(1) u(2) ... u(t), before update t."""
    rule.product *= slow_momentum_at(rule, rule.iteration + 1)
