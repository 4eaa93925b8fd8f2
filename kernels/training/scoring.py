"""What a batch is worth: its targets, the loss and its gradient, the metrics, their sums.

The loop calls `score` by address, so that a process that only predicts never compiles it, and one
whose data have no masks does not compile what leaves masked targets out.
"""

import math
from functools import lru_cache

import numba
import numpy as np
from numba import types

from ..compiling import array_at, call, call_value, inner, kernel, view
from ..tables import HOLD, METRIC, PLAN
from ..vectors import copy
from .loop import LAST_LOSS, LOSS, METRICS, SEEN, VALID, wait

FLOAT64 = np.dtype(np.float64)


@lru_cache
def score_signatures(dtype):
    """Types of `score` and `leave_out_masked` for one dtype."""
    vector = types.Array(numba.from_dtype(np.dtype(dtype)), 1, "C")
    int64s, int8s = types.Array(types.int64, 1, "C"), types.Array(types.int8, 1, "C")
    shares, totals = types.Array(types.float64, 2, "C"), types.Array(types.float64, 1, "C")
    plan, whole, real = numba.from_dtype(PLAN), types.int64, types.float64
    metrics = types.Array(numba.from_dtype(METRIC), 1, "C")
    data = plan, whole, whole, int64s, vector, vector
    score = real(*data, real, metrics, shares, totals, int64s, int8s, vector)
    return score, types.none(plan, whole, shares, int64s, int8s, vector, vector)


@kernel
def score(p, B, n, samples, target, weight, cost, metrics, shares, totals, meeting, flags, work):
    """Loss of a batch, of which a thread has these samples in B rows; waits for the other threads.

    n: samples of the batch; target (N, T_y, K), weight (N, T_y) or empty: flat; cost: that of the
    weights; metrics: a row each; shares (threads, ...), laid out as results, out: what each thread
    adds; totals (...), the epoch's row of results: thread 0 adds the batch.
    """
    targets, K, s = len(samples) * p.y_steps, p.y_features, p.thread
    if targets > 0:
        gather_targets(p, B, n, samples, target, weight, work)
    z, y = view(work, p.z, (targets, K)), view(work, p.y, (targets, K))
    dz = view(work, p.dz, (targets, K))
    own = view(work, p.target, (targets, p.target_features))
    weights, valid = view(work, p.weight, (targets,)), view(work, p.valid, (targets,))
    shares[s, VALID] = targets
    if p.masked:
        call(p.leave_out, (p, n, shares, meeting, flags, weights, valid))
    option = array_at(p.loss_option, p.loss_options, FLOAT64)
    shares[s, LOSS] = cost + call_value(p.loss, (z, own, weights, y, dz, option))
    add_metrics(metrics, y, own, valid, view(shares, s * p.share + METRICS, (p.share - METRICS,)))
    wait(p, meeting)
    return count(p, n * p.y_steps, shares, totals)


@inner
def add_metrics(metrics, y, target, valid, shares):
    """The sums of each metric over the rows: one number, or as many as it has.  shares out."""
    place = 0
    for m in range(len(metrics)):
        one = metrics[m]
        if one.kernel and one.sums == 0:
            shares[place] = call_value(one.kernel, (y, target, valid))
        elif one.kernel:
            sums = view(shares, place, (one.sums,))
            for k in range(one.sums):
                sums[k] = 0.0
            option = array_at(one.option, one.options, FLOAT64)
            call(one.kernel, (y, target, valid, option, sums))
        place += max(one.sums, 1)


@inner
def gather_targets(p, B, n, samples, target, weight, work):
    """Copy the targets, and weights over the number of those of all n samples of the batch."""
    T, K = p.y_steps, p.target_features
    share = work.dtype.type(1.0 / (n * T))
    place = 0
    for link in range(len(samples) // B):
        for t in range(T):
            for r in range(B):
                source = samples[link * B + r] * T + t
                copy(view(target, source * K, (K,)), view(work, p.target + place * K, (K,)))
                work[p.weight + place] = weight[source] * share if len(weight) > 0 else share
                place += 1


@inner
def count(p, targets, shares, totals):
    """The loss of a batch with so many targets; thread 0 adds it and the metrics to the totals."""
    loss = 0.0
    for s in range(p.threads):
        loss += shares[s, LOSS]
    if p.thread > 0:
        return loss
    totals[LAST_LOSS] = loss
    if p.learn and not math.isfinite(loss):
        return loss
    totals[SEEN] += targets
    totals[LOSS] += loss * targets
    for s in range(p.threads):
        for column in range(VALID, len(totals)):
            totals[column] += shares[s, column]
    return loss


@kernel
def leave_out_masked(p, n, shares, meeting, flags, weight, valid):
    """Leave masked targets out of the loss, which is a mean over the others.

    n, shares: as for `score`; weight (targets) in and out; valid (targets) out, 1 or 0. Waits for
    the other threads' counts.
    Source: Keras, ``losses/loss.py``, ``apply_mask``.
    """
    c, held = weight.dtype.type, view(flags, p.y_flags, (len(valid),))
    own = 0
    for r in range(len(valid)):
        valid[r] = c(0) if held[r] & HOLD else c(1)
        own += 0 if held[r] & HOLD else 1
    shares[p.thread, VALID] = own
    wait(p, meeting)
    counted = 0.0
    for other in range(p.threads):
        counted += shares[other, VALID]
    more = c(n * p.y_steps / counted) if counted > 0 else c(0)
    for r in range(len(weight)):
        weight[r] *= valid[r] * more
