"""What a batch is worth: its targets, the loss and its gradient, the metrics, their sums.

The loop calls `score` by address, so that a process that only predicts never compiles it, and one
whose data have no masks does not compile what leaves masked targets out.
"""

import math

import numpy as np

from ..compiling import array_at, call, call_value, inner, kernel, view
from ..tables import HOLD
from ..vectors import copy
from .loop import LAST_LOSS, LOSS, METRICS, SEEN, VALID, wait

FLOAT64 = np.dtype(np.float64)


@kernel
def score(
    p, B, n, samples, targets, weights, cost, metrics, shares, totals, meeting, flags, work
) -> float:
    """Loss of a batch, of which a thread has these samples in B rows; waits for the other threads.

    n: samples of the batch; targets (N, T_y, K), weights (N, T_y) or empty: flat; cost: that of the
    parameters; metrics: a row each; shares (threads, ...), laid out as results, out: what each
    thread adds; totals (...), the epoch's row of results: thread 0 adds the batch.
    """
    rows, K, s = len(samples) * p.y_steps, p.y_features, p.thread
    if rows > 0:
        gather_targets(p, B, n, samples, targets, weights, work)
    z, y = view(work, p.z, (rows, K)), view(work, p.y, (rows, K))
    dz = view(work, p.dz, (rows, K))
    target = view(work, p.target, (rows, p.target_features))
    weight, valid = view(work, p.weight, (rows,)), view(work, p.valid, (rows,))
    shares[s, VALID] = rows
    if p.masked:
        call(p.leave_out, (p, n, shares, meeting, flags, weight, valid))
    option = array_at(p.loss_option, p.loss_options, FLOAT64)
    shares[s, LOSS] = cost + call_value(p.loss, (z, target, weight, y, dz, option))
    sums = view(shares, s * p.share + METRICS, (p.share - METRICS,))
    add_metrics(metrics, y, target, valid, sums)
    wait(p, meeting)
    return count(p, n * p.y_steps, shares, totals)


@inner
def add_metrics(metrics, y, target, valid, sums):
    """The sums of each metric over the rows: one number, or as many as it has.  sums out."""
    place = 0
    for m in range(len(metrics)):
        one = metrics[m]
        if one.kernel and one.sums == 0:
            sums[place] = call_value(one.kernel, (y, target, valid))
        elif one.kernel:
            several = view(sums, place, (one.sums,))
            for k in range(one.sums):
                several[k] = 0.0
            option = array_at(one.option, one.options, FLOAT64)
            call(one.kernel, (y, target, valid, option, several))
        place += max(one.sums, 1)


@inner
def gather_targets(p, B, n, samples, targets, weights, work):
    """Copy the targets, and weights over the number of those of all n samples of the batch."""
    T, K = p.y_steps, p.target_features
    share = work.dtype.type(1.0 / (n * T))
    place = 0
    for link in range(len(samples) // B):
        for t in range(T):
            for r in range(B):
                source = samples[link * B + r] * T + t
                copy(view(targets, source * K, (K,)), view(work, p.target + place * K, (K,)))
                work[p.weight + place] = weights[source] * share if len(weights) > 0 else share
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
        for column in range(VALID, p.norms):
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
    there = 0
    for r in range(len(valid)):
        valid[r] = c(0) if held[r] & HOLD else c(1)
        there += 0 if held[r] & HOLD else 1
    shares[p.thread, VALID] = there
    wait(p, meeting)
    counted = 0.0
    for other in range(p.threads):
        counted += shares[other, VALID]
    more = c(n * p.y_steps / counted) if counted > 0 else c(0)
    for r in range(len(weight)):
        weight[r] *= valid[r] * more
