"""The loop over batches: gather, forward, loss, backward, update, hand the state on.

It is compiled as a whole, because one call from Python (0.5 us, and 0.2 us for each array) and the
Python around it cost more than a step of a small model. It knows neither kinds of layer nor losses
nor optimisers, only their addresses, and no state modes, only what the plan says.
"""

import math
from functools import lru_cache

import numba
import numpy as np
from numba import types

from .compiler import (
    FLUSH_DENORMALS,
    call,
    call_value,
    float_mode,
    inner,
    kernel,
    set_float_mode,
    view,
)
from .dropout import stream_key, uniform
from .optimizers import NO_CLIP, RULE
from .products import copy, fill
from .tables import BATCH, HOLD, LAYER

PLAN = np.dtype(
    [
        ("first", np.int64),  # batches first ... last - 1 are run, counted from the first epoch on
        ("last", np.int64),
        ("count", np.int64),  # batches an epoch
        ("start", np.int64),  # the batch with which all this began
        ("shuffle", np.int64),  # 1: another order in each epoch, drawn with
        ("shuffles", np.int64),  # this number plus the epoch's
        ("drawn", np.int64),  # orders drawn so far, written by the loop
        ("reset", np.int64),  # 1: the carried state becomes zero between two epochs
        ("batch_size", np.int64),
        ("samples", np.int64),  # of the data set, or of the part of an epoch that is in memory,
        ("staged", np.int64),  # and the number in its epoch of that part's first batch
        ("chained", np.int64),  # 1: the samples of a batch form one sequence, end to end
        ("hand_on", np.int64),  # 1: the state comes from `carried` and goes back to it
        ("learn", np.int64),  # backward pass and update
        ("score", np.int64),  # loss and metrics
        ("give", np.int64),  # outputs are wanted
        ("steps", np.int64),  # of a sample of x
        ("features", np.int64),
        ("y_steps", np.int64),  # of a sample of y
        ("y_features", np.int64),
        ("target_features", np.int64),  # those of y, or 1: the number of a class
        ("masked", np.int64),  # 1: targets of masked steps count for nothing
        ("x", np.int64),  # places in the workspace
        ("z", np.int64),  # what the loss reads
        ("y", np.int64),  # the model's output
        ("dz", np.int64),
        ("target", np.int64),
        ("weight", np.int64),
        ("valid", np.int64),  # 1 for each target that counts, 0 for a masked one
        ("y_flags", np.int64),  # place of the output's flags
        ("layers_forward", np.int64),  # number of rows of the table that are run forward,
        ("layers_backward", np.int64),  # and backward
        ("loss", np.int64),  # addresses
        ("update", np.int64),
        ("clipping", np.int64),
        ("penalty", np.int64),  # of the weights, or 0
        ("penalty_gradient", np.int64),
    ],
    align=True,
)

# results (epochs, 4 + metrics): targets seen, sum of losses, last batch's loss, targets that were
# not masked, sums of metrics over those
SEEN, LOSS, LAST_LOSS, VALID, METRICS = range(5)
SHUFFLE_STREAM = 2**32  # the random stream of the order: no layer has this number


@lru_cache
def loop_signature(dtype):
    """Type of `run_batches` for one dtype."""
    vector = types.Array(numba.from_dtype(np.dtype(dtype)), 1, "C")

    def table(row):
        return types.Array(numba.from_dtype(row), 1, "C")

    int8s, int64s = types.Array(types.int8, 1, "C"), types.Array(types.int64, 1, "C")
    ranges = types.Array(types.int64, 2, "C")
    return types.int64(
        *(table(PLAN), table(LAYER), table(BATCH), table(RULE), int64s, int64s, ranges, ranges),
        *(ranges, types.Array(types.float64, 2, "C")),
        *(vector, vector, vector, vector, types.Array(types.float64, 2, "C")),
        *(int8s, vector, vector, types.Array(vector.dtype, 2, "C"), vector, vector),
    )


@lru_cache
def pass_signatures(dtype):
    """Types of `forward_pass` and `backward_pass` for one dtype."""
    vector = types.Array(numba.from_dtype(np.dtype(dtype)), 1, "C")
    layers = types.Array(numba.from_dtype(LAYER), 1, "C")
    batch = types.Array(numba.from_dtype(BATCH), 1, "C")
    flags = types.Array(types.int8, 1, "C")
    count = types.int64
    forward = types.none(layers, count, batch, flags, vector, vector)
    backward = types.none(layers, count, batch, flags, vector, vector, vector)
    return forward, backward


@kernel
def forward_pass(layers, count, batch, flags, theta, work):
    """Run the first `count` layers forward."""
    for k in range(count):
        call(layers[k].forward, (layers[k], batch[0], flags, theta, work))


@kernel
def backward_pass(layers, count, batch, flags, theta, grad, work):
    """Run the first `count` layers backward, the last one first."""
    for k in range(count - 1, -1, -1):
        call(layers[k].backward, (layers[k], batch[0], flags, theta, grad, work))


@kernel
def run_batches(
    plan,
    layers,
    batch,
    rule,
    order,
    metrics,
    tensors,
    runs,
    penalized,
    penalties,
    x,
    target,
    weight,
    y,
    results,
    flags,
    theta,
    grad,
    moments,
    carried,
    work,
):
    """Run batches plan.first ... plan.last - 1; returns the number of the one after the last run.

    They may span epochs, plan.count batches each. A training batch whose loss is not finite changes
    nothing and ends the run: then its number is returned, and LAST_LOSS in its epoch's results.

    plan, batch, rule (1); layers: a row a part; order (N): samples in the order of reading;
    metrics: addresses; tensors, runs (n, 2): start and stop of each trainable tensor in theta, and
    of each unbroken run of them; penalized (n, 2): of each tensor with a penalty, penalties (n, 2):
    its l1 and l2; x (N, T, D), target (N, T_y, K), weight (N, T_y) or empty, y (N, T_y, K) or
    empty: all flat; results: see above, a row for each epoch from that of plan.first on; flags: run
    for every step of x, the others are written by the layers; carried: the state vector between
    batches.
    """
    mode = float_mode()
    set_float_mode(mode | FLUSH_DENORMALS)
    p = plan[0]
    k = p.first
    while k < p.last:
        j = k % p.count
        totals = results[k // p.count - p.first // p.count]
        if j == 0:
            begin_epoch(p, k, batch[0].seed, order, carried, totals)
        place = (j - p.staged) * p.batch_size
        n = min(p.batch_size, p.samples - place)
        batch[0].rows = 1 if p.chained else n
        batch[0].chain = n if p.chained else 1
        batch[0].training, batch[0].step = p.learn, rule[0].iteration
        samples = order[place : place + n]
        gather(p, batch[0].rows, samples, x, work)
        if p.hand_on:
            copy(carried, view(work, batch[0].state_in, (len(carried),)))
        forward_pass(layers, p.layers_forward, batch, flags, theta, work)
        if p.score:
            gather_targets(p, batch[0].rows, samples, target, weight, work)
            cost = 0.0
            if p.penalty:
                cost = call_value(p.penalty, (theta, penalized, penalties))
            loss = score(p, n * p.y_steps, cost, metrics, totals, flags, work)
            if p.learn and not math.isfinite(loss):
                break
        if p.learn:
            backward_pass(layers, p.layers_backward, batch, flags, theta, grad, work)
            if p.penalty:
                call(p.penalty_gradient, (theta, grad, penalized, penalties))
            if rule[0].clipping != NO_CLIP:
                call(p.clipping, (rule[0], grad, tensors))
            for i in range(runs.shape[0]):
                call(p.update, (rule[0], theta, grad, moments, runs[i, 0], runs[i, 1]))
            rule[0].iteration += 1
        if p.give:
            scatter_outputs(p, batch[0].rows, samples, y, work)
        if p.hand_on:
            copy(view(work, batch[0].state_out, (len(carried),)), carried)
        k += 1
    set_float_mode(mode)
    return k


@inner
def begin_epoch(p, k, seed, order, carried, totals):
    """Zero the sums; where the plan says so, draw an order and reset the state."""
    for i in range(len(totals)):
        totals[i] = 0.0
    p.drawn = k // p.count + p.shuffles + 1
    if p.shuffle:
        shuffle(order, stream_key(seed, k // p.count + p.shuffles, SHUFFLE_STREAM))
    if p.reset and k > p.start:
        fill(carried, carried.dtype.type(0))


@inner
def shuffle(order, key):
    """A random order of 0 ... N - 1, the same for the same key.  Source: Fisher and Yates 1938."""
    for i in range(len(order)):
        order[i] = i
    for i in range(len(order) - 1, 0, -1):
        other = int(uniform(key, i) * (i + 1))
        order[i], order[other] = order[other], order[i]


@kernel
def draw_order(order, seed, number):
    """The order of the samples in the epoch of that number.  order (N) out."""
    shuffle(order, stream_key(np.uint64(seed), number, SHUFFLE_STREAM))


@inner
def gather(p, B, samples, x, work):
    """Copy the batch's samples from x (N, T, D) into the workspace, time first.

    Of B rows side by side, each made of one or more samples (links) end to end, sample l * B + r is
    link l of row r; its step t comes to place (l * T + t) * B + r.
    """
    T, D = p.steps, p.features
    place = 0
    for link in range(len(samples) // B):
        for t in range(T):
            for r in range(B):
                source = samples[link * B + r] * T + t
                copy(view(x, source * D, (D,)), view(work, p.x + place * D, (D,)))
                place += 1


@inner
def gather_targets(p, B, samples, target, weight, work):
    """Copy the batch's targets, and weights over their number, into the workspace."""
    T, K = p.y_steps, p.target_features
    share = work.dtype.type(1.0 / (len(samples) * T))
    place = 0
    for link in range(len(samples) // B):
        for t in range(T):
            for r in range(B):
                source = samples[link * B + r] * T + t
                copy(view(target, source * K, (K,)), view(work, p.target + place * K, (K,)))
                work[p.weight + place] = weight[source] * share if len(weight) > 0 else share
                place += 1


@inner
def score(p, n, cost, metrics, totals, flags, work):
    """Loss and metrics of the batch's n targets, added to the totals; cost: that of the weights.

    Returns the loss.
    """
    K = p.y_features
    z, y, dz = view(work, p.z, (n, K)), view(work, p.y, (n, K)), view(work, p.dz, (n, K))
    target = view(work, p.target, (n, p.target_features))
    weight, valid = view(work, p.weight, (n,)), view(work, p.valid, (n,))
    counted = n
    if p.masked:
        counted = leave_out_masked(view(flags, p.y_flags, (n,)), weight, valid)
    loss = cost + call_value(p.loss, (z, target, weight, y, dz))
    totals[LAST_LOSS] = loss
    if p.learn and not math.isfinite(loss):
        return loss
    totals[SEEN] += n
    totals[LOSS] += loss * n
    totals[VALID] += counted
    for m in range(len(metrics)):
        totals[METRICS + m] += call_value(metrics[m], (y, target, valid))
    return loss


@inner
def leave_out_masked(flags, weight, valid):
    """Weights of the n targets with masked steps left out: the loss is a mean over the others.

    flags, weight, valid (n): weight in and out, valid out, 1 or 0.  Returns how many are left.
    Source: Keras, ``losses/loss.py``, ``apply_mask``.
    """
    n, c = len(flags), weight.dtype.type
    counted = 0
    for r in range(n):
        counted += 0 if flags[r] & HOLD else 1
    more = c(n / counted) if counted > 0 else c(0)
    for r in range(n):
        valid[r] = c(0) if flags[r] & HOLD else c(1)
        weight[r] *= valid[r] * more
    return counted


@inner
def scatter_outputs(p, B, samples, y, work):
    """Copy the batch's outputs from the workspace into y (N, T_y, K)."""
    T, K = p.y_steps, p.y_features
    place = 0
    for link in range(len(samples) // B):
        for t in range(T):
            for r in range(B):
                goal = samples[link * B + r] * T + t
                copy(view(work, p.y + place * K, (K,)), view(y, goal * K, (K,)))
                place += 1


@kernel
def all_finite(a):
    """Whether no element of the vector is NaN or infinite."""
    wrong = 0
    for j in range(len(a)):
        wrong += 0 if math.isfinite(a[j]) else 1
    return wrong == 0


@lru_cache
def order_signature():
    """Type of `draw_order`."""
    return types.none(types.Array(types.int64, 1, "C"), types.int64, types.int64)


@lru_cache
def finite_signature(dtype):
    """Type of `all_finite` for one dtype."""
    return types.boolean(types.Array(numba.from_dtype(np.dtype(dtype)), 1, "C"))
