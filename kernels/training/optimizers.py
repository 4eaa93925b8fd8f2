"""Optimisers: one loop each over a span of the flat parameter vector.

theta, grad (P) are parameters and gradients, moments (n, P) what the optimiser remembers; elements
start ... stop - 1 are updated. The loops count from 0 on slices: an index that might be negative,
for all the compiler knows, would keep it from making vector code. The scalars (learning rate, bias
corrections) are float64 in every dtype, and rounded once.

An update is several calls, one for each span of each thread, so a kernel leaves the rule as it is.
What changes once an update is changed by a kernel of its own, (rule), before them: as Nadam's
product of momenta by `advance_nadam`.

No update leaves a number that is not finite. Adam, Nadam and RMSprop, whose moments need g^2, take
a g for zero that is not finite or whose square is not, and so do Adagrad, where the sum is not, and
Lion; SGD leaves a parameter where it is whose step leads nowhere. All is noted in
``rule.unusable``, and `fit` says so.
"""

import math
from functools import lru_cache

import numpy as np

from ..compiling import inner, kernel, prefer_wide_registers

MAX_NUMBERS = 8  # that an optimiser has beside those of `RULE`

RULE = np.dtype(
    [
        ("iteration", np.int64),  # updates made so far
        ("unusable", np.int64),  # the first one, from 1, that met a gradient it could not use, or 0
        ("learning_rate", np.float64),
        ("decay", np.float64),  # of the learning rate: see `rate_now`
        ("weight_decay", np.float64),  # of the weights: see `shrink`
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
        ("named", np.float64, (MAX_NUMBERS,)),  # what an optimiser gives names to: see `rule_with`
    ],
    align=True,
)

NO_CLIP, CLIP_VALUE, CLIP_NORM, CLIP_GLOBAL_NORM = range(4)
MEASURED, CLIPPED, NORMS = range(3)  # of what an epoch's gradients add up to: see `add_norm`
SMALLEST = 1.2e-38  # stands for an epsilon of zero, so that nothing is divided by zero


@lru_cache
def rule_with(names):
    """`RULE` with names for the last of its own numbers; the same memory, read by name.

    The loop knows `RULE` alone, and hands its address to kernels that know the names. As these end
    at the same place, no two begin alike: Numba would take the longer for a kind of the other one.
    """
    if not names:
        return RULE
    fields = {name: RULE.fields[name] for name in RULE.names if name != "named"}
    number = np.dtype(np.float64)
    start = RULE.fields["named"][1] + (MAX_NUMBERS - len(names)) * number.itemsize
    fields |= {name: (number, start + k * number.itemsize) for k, name in enumerate(names)}
    formats, offsets = zip(*fields.values(), strict=True)
    said = {"names": [*fields], "formats": formats, "offsets": offsets, "itemsize": RULE.itemsize}
    return np.dtype(said, align=True)


WITH_PRODUCT = rule_with(("product",))  # of the momenta: see `nadam`
WITH_START = rule_with(("initial_accumulator_value",))  # with which moments begin


@inner
def rate_now(rule):
    """lr / (1 + decay t), t updates made before.  Source: Keras 2.2.4, ``keras/optimizers.py``."""
    return rule.learning_rate / (1.0 + rule.decay * rule.iteration)


@inner
def most_with_square(a):
    """The largest number whose square is finite in a's dtype, with some room: 1.3e19, 9.5e153."""
    return a.dtype.type(math.sqrt(np.finfo(a.dtype).max / 2))


@inner
def within(limit, a):
    """Whether |a| <= limit; a NaN is not."""
    return abs(a) <= limit


@inner
def note(rule, unusable):
    """Remember the first update that met a gradient which it could not use."""
    if unusable and rule.unusable == 0:
        rule.unusable = rule.iteration + 1


@kernel(assume=("ninf",))
def adam(rule, theta, grad, moments, start, stop):
    """m = b1 m + (1 - b1) g;  v = b2 v + (1 - b2) g^2;  theta -= rate m / (sqrt(v) + eps).

    rate = lr sqrt(1 - b2^t) / (1 - b1^t), t counted from 1; eps stands beside the *uncorrected*
    sqrt(v), as in Keras (``keras/src/optimizers/adam.py``).  Source: Kingma and Ba 2015, section 2.

    "ninf" lets the compiler divide by a reciprocal estimate and a Newton step in float32, which
    takes a quarter off an update; `within` assumes nothing.
    """
    prefer_wide_registers()
    c = theta.dtype.type
    t = rule.iteration + 1
    rate = rate_now(rule) * math.sqrt(1.0 - rule.beta_2**t) / (1.0 - rule.beta_1**t)
    rate, eps = c(rate), c(max(rule.epsilon, SMALLEST))
    b1, b2 = c(rule.beta_1), c(rule.beta_2)
    one_b1, one_b2 = c(1.0 - rule.beta_1), c(1.0 - rule.beta_2)
    w, g = theta[start:stop], grad[start:stop]
    m, v = moments[0, start:stop], moments[1, start:stop]
    most, unusable = most_with_square(theta), False
    for j in range(len(w)):
        usable = within(most, g[j])
        g_j = g[j] if usable else c(0)
        m_j = b1 * m[j] + one_b1 * g_j
        v_j = b2 * v[j] + one_b2 * g_j * g_j
        w_j = w[j] - rate * m_j / (math.sqrt(v_j) + eps)
        m[j], v[j], w[j] = m_j, v_j, w_j
        unusable = unusable if usable else True
    note(rule, unusable)


@kernel
def sgd(rule, theta, grad, moments, start, stop):
    """theta -= lr g; with momentum: m = momentum m - lr g and theta += m.

    Nesterov: theta += momentum m - lr g, with the new m.  Source: Keras, ``optimizers/sgd.py``.
    """
    c = theta.dtype.type
    rate, momentum = c(rate_now(rule)), c(rule.momentum)
    w, g, m = theta[start:stop], grad[start:stop], moments[0, start:stop]
    along, down = (momentum, rate) if rule.nesterov else (c(1), c(0))
    most, unusable = c(np.finfo(theta.dtype).max), False
    if rule.momentum == 0.0:
        for j in range(len(w)):
            w_j = w[j] - rate * g[j]
            usable = within(most, w_j)
            w[j] = w_j if usable else w[j]
            unusable = unusable if usable else True
    else:
        for j in range(len(w)):
            m_j = momentum * m[j] - rate * g[j]
            w_j = w[j] + along * m_j - down * g[j]
            usable = within(most, w_j)
            m_j, w_j = (m_j, w_j) if usable else (m[j], w[j])
            m[j], w[j] = m_j, w_j
            unusable = unusable if usable else True
    note(rule, unusable)


@kernel
def rmsprop(rule, theta, grad, moments, start, stop):
    """v = rho v + (1 - rho) g^2;  theta -= lr g / sqrt(v + eps).

    With momentum: m = momentum m + lr g / sqrt(v + eps) and theta -= m. Centered: the variance
    v - a^2 in the place of v, where a = rho a + (1 - rho) g; rounding does not make it negative.
    moments (3, P): v, m, a.
    Source: Keras, ``optimizers/rmsprop.py``; Tieleman and Hinton 2012.
    """
    c = theta.dtype.type
    rate, rho, one_rho = c(rate_now(rule)), c(rule.rho), c(1.0 - rule.rho)
    momentum, eps = c(rule.momentum), c(max(rule.epsilon, SMALLEST))
    w, g = theta[start:stop], grad[start:stop]
    v, m, a = moments[0, start:stop], moments[1, start:stop], moments[2, start:stop]
    most, unusable = most_with_square(theta), False
    for j in range(len(w)):
        usable = within(most, g[j])
        g_j = g[j] if usable else c(0)
        v[j] = rho * v[j] + one_rho * g_j * g_j
        spread = v[j]
        if rule.centered:
            a[j] = rho * a[j] + one_rho * g_j
            spread = max(spread - a[j] * a[j], c(0))
        step = rate * g_j / math.sqrt(spread + eps)
        if rule.momentum > 0.0:
            m[j] = momentum * m[j] + step
            step = m[j]
        w[j] -= step
        unusable = unusable if usable else True
    note(rule, unusable)


@inner
def momentum_at(rule, t):
    """u(t) = b1 (1 - 0.96^t / 2), of the update t = 1, 2, ..."""
    return rule.beta_1 * (1.0 - 0.5 * 0.96**t)


@inner
def nadam_with(rule, u, u_next, theta, grad, moments, start, stop):
    """The update of `nadam`, with the momenta u and u' of this update and of the next one.

    m_hat = of_m m + of_g g is made as of_g (of_m / of_g m + g), and of_g is a part of the rate.
    """
    c = theta.dtype.type
    of_g = (1.0 - u) / (1.0 - rule.product)
    of_m = u_next / (1.0 - rule.product * u_next)
    rate, m_to_g = c(rate_now(rule) * of_g), c(of_m / of_g)
    correction = c(1.0 / (1.0 - rule.beta_2 ** (rule.iteration + 1)))
    eps = c(max(rule.epsilon, SMALLEST))
    b1, b2 = c(rule.beta_1), c(rule.beta_2)
    one_b1, one_b2 = c(1.0 - rule.beta_1), c(1.0 - rule.beta_2)
    w, g = theta[start:stop], grad[start:stop]
    m, v = moments[0, start:stop], moments[1, start:stop]
    most, unusable = most_with_square(theta), False
    for j in range(len(w)):
        usable = within(most, g[j])
        g_j = g[j] if usable else c(0)
        m[j] = b1 * m[j] + one_b1 * g_j
        v[j] = b2 * v[j] + one_b2 * g_j * g_j
        w[j] -= rate * (m_to_g * m[j] + g_j) / (math.sqrt(v[j] * correction) + eps)
        unusable = unusable if usable else True
    note(rule, unusable)


@kernel
def nadam(rule: WITH_PRODUCT, theta, grad, moments, start, stop):
    """m and v as in `adam`;  theta -= lr m_hat / (sqrt(v / (1 - b2^t)) + eps), where

    m_hat = u' m / (1 - P u') + (1 - u) g / (1 - P): momenta u = u(t) and u' = u(t + 1) of
    `momentum_at`, P their product from the first to u.
    Source: Dozat 2016, in the form of Keras, ``keras/src/optimizers/nadam.py``.
    """
    t = rule.iteration + 1
    u, u_next = momentum_at(rule, t), momentum_at(rule, t + 1)
    nadam_with(rule, u, u_next, theta, grad, moments, start, stop)


@kernel
def advance_nadam(rule: WITH_PRODUCT):
    """P = u(1) u(2) ... u(t), before update t."""
    rule.product *= momentum_at(rule, rule.iteration + 1)


@kernel
def adagrad(rule: WITH_START, theta, grad, moments, start, stop):
    """v += g^2;  theta -= lr g / sqrt(v + eps).

    Source: Duchi, Hazan and Singer 2011; Keras, ``keras/src/optimizers/adagrad.py``.
    """
    c = theta.dtype.type
    rate, eps = c(rate_now(rule)), c(max(rule.epsilon, SMALLEST))
    w, g, v = theta[start:stop], grad[start:stop], moments[0, start:stop]
    most, unusable = c(np.finfo(theta.dtype).max), False
    for j in range(len(w)):
        v_j = v[j] + g[j] * g[j]
        usable = within(most, v_j)
        v[j] = v_j if usable else v[j]
        g_j = g[j] if usable else c(0)
        w[j] -= rate * g_j / math.sqrt(v[j] + eps)
        unusable = unusable if usable else True
    note(rule, unusable)


@kernel
def lion(rule, theta, grad, moments, start, stop):
    """theta -= lr sign(b1 m + (1 - b1) g), and then m = b2 m + (1 - b2) g.

    Source: Chen et al. 2023; Keras, ``keras/src/optimizers/lion.py``.
    """
    c = theta.dtype.type
    rate, b1, b2 = c(rate_now(rule)), c(rule.beta_1), c(rule.beta_2)
    one_b1, one_b2 = c(1.0 - rule.beta_1), c(1.0 - rule.beta_2)
    w, g, m = theta[start:stop], grad[start:stop], moments[0, start:stop]
    most, unusable = c(np.finfo(theta.dtype).max), False
    for j in range(len(w)):
        usable = within(most, g[j])
        g_j = g[j] if usable else c(0)
        mixed = b1 * m[j] + one_b1 * g_j
        up, down = (rate if mixed < 0 else c(0)), (rate if mixed > 0 else c(0))
        w[j] += up - down  # -rate sign(mixed)
        m[j] = b2 * m[j] + one_b2 * g_j
        unusable = unusable if usable else True
    note(rule, unusable)


@inner
def shrink(rule, theta, start, stop):
    """theta -= lr weight_decay theta, apart from the gradient and before the update.

    Source: Loshchilov and Hutter 2019; Keras, ``optimizers/base_optimizer.py``.
    """
    w, share = theta[start:stop], theta.dtype.type(rule.weight_decay * rate_now(rule))
    for j in range(len(w)):
        w[j] -= share * w[j]


@kernel
def clip(rule, grad, tensors, norms):
    """Bound the gradient: each tensor's norm, or the norm of all, and then each element.

    tensors (n, 2): start and stop of each trainable tensor in grad (P).  A norm above the limit is
    scaled to it: g *= limit / norm.  norms: empty, or what an epoch's gradients add up to, as they
    come: see `add_norm`.  Source: Keras, ``optimizers/base_optimizer.py``, which knows
    one of the three at a time; a norm and then the elements: ``keras/optimizers.py`` of 2.2.4.
    """
    measured, scaled, bounded = len(norms) > 0, False, False
    if measured or rule.clipping == CLIP_NORM or rule.clipping == CLIP_GLOBAL_NORM:
        scaled = clip_norms(rule, grad, tensors, norms)
    if rule.clip_value < np.inf:
        bounded = clip_values(rule, grad, tensors)
    if measured:
        norms[MEASURED] += 1.0
        norms[CLIPPED] += 1.0 if scaled or bounded else 0.0


@inner
def add_norm(norms, tensor, norm):
    """Add the norm of a tensor's gradient, or of all for -1, to the sum of an epoch, and remember
    the largest; one that is not a number stays.

    norms, in and out: batches; those whose gradient was clipped; the sum of the norms and the
    largest one, of all tensors together; and the same of each tensor.  Empty: nothing is measured.
    """
    if len(norms) > 0:
        place = NORMS + 2 * (tensor + 1)
        norms[place] += norm
        if norm > norms[place + 1] or math.isnan(norm):
            norms[place + 1] = norm


@inner
def sum_of_squares(g):
    """That of all elements, in float64."""
    squares = 0.0
    for j in range(len(g)):
        squares += np.float64(g[j]) * np.float64(g[j])
    return squares


@inner
def scale(g, factor):
    """g *= factor."""
    for j in range(len(g)):
        g[j] *= factor


@inner
def clip_values(rule, grad, tensors):
    """Bound each element; returns whether one was beyond the bound."""
    limit, beyond = grad.dtype.type(rule.clip_value), False
    for k in range(tensors.shape[0]):
        g = grad[tensors[k, 0] : tensors[k, 1]]
        for j in range(len(g)):
            beyond = beyond if within(limit, g[j]) else True
            g[j] = min(max(g[j], -limit), limit)
    return beyond


@inner
def clip_norms(rule, grad, tensors, norms):
    """Scale each tensor's gradient, or all of them, down to the bound on the norm, if there is one;
    each norm is measured before.

    Returns whether one was scaled.
    """
    c = grad.dtype.type
    total, scaled = 0.0, False
    for k in range(tensors.shape[0]):
        g = grad[tensors[k, 0] : tensors[k, 1]]
        squares = sum_of_squares(g)
        total += squares
        add_norm(norms, k, math.sqrt(squares))
        if rule.clipping == CLIP_NORM and math.sqrt(squares) > rule.clip_norm:
            scale(g, c(rule.clip_norm / math.sqrt(squares)))
            scaled = True
    add_norm(norms, -1, math.sqrt(total))
    if rule.clipping == CLIP_GLOBAL_NORM and math.sqrt(total) > rule.clip_norm:
        for k in range(tensors.shape[0]):
            g = grad[tensors[k, 0] : tensors[k, 1]]
            scale(g, c(rule.clip_norm / math.sqrt(total)))
        scaled = True
    return scaled
