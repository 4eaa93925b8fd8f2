"""The loop over batches: gather, forward, loss, backward, update, hand the state on.

It is compiled as a whole, because one call from Python (0.5 us, and 0.2 us for each array) and the
Python around it cost more than a step of a small model. It knows neither kinds of layer nor losses
nor optimisers, only their addresses, and no state modes, only what the plan says.

Several threads may share the work. Each runs this same loop on its own rows of every batch, with a
workspace and a gradient of its own; they meet where one needs what the others have: the loss, the
gradient, the new parameters. Thread 0 keeps the books. Or, where layers are wide, they are together
in one workspace with one gradient: they share the work of each layer (``together.py``), and thread
0 does what is not a layer's but the update.
"""

import math

import numpy as np

from ..compiling import (
    FLUSH_DENORMALS,
    body,
    call,
    call_value,
    float_mode,
    inner,
    kernel,
    set_float_mode,
    view,
)
from ..random import stream_key, uniform
from ..vectors import copy, fill
from .optimizers import shrink

# results (epochs, 4 + sums): targets seen, sum of losses, last batch's loss, targets that were not
# masked, sums of the metrics over those: one or more of each; and where gradients are measured,
# what their norms add up to
SEEN, LOSS, LAST_LOSS, VALID, METRICS = range(5)
SHUFFLE_STREAM = 2**32  # the random stream of the order: no layer has this number


@kernel
def forward_pass(layers, count, batch_table, flags, theta, work):
    """Run the first `count` layers forward, with those who share them, if any are there."""
    batch = batch_table[0]
    if batch.most > 1 and call_value(batch.share, (layers, count, batch_table, flags, theta, work)):
        return
    for k in range(count):
        call(layers[k].forward, (layers[k], batch, flags, theta, work))


@kernel
def backward_pass(layers, count, batch_table, flags, theta, grad, work):
    """Run the first `count` layers backward, the last one first, with those who share them."""
    batch = batch_table[0]
    if batch.share_back:
        call(batch.share_back, (layers, count, batch_table, flags, theta, grad, work))
        return
    for k in range(count - 1, -1, -1):
        call(layers[k].backward, (layers[k], batch, flags, theta, grad, work))


@kernel
def run_batches(
    plan_table,
    layers,
    batch_table,
    rule_table,
    order,
    metrics,
    tensors,
    spans,
    penalties,
    constraints,
    inputs,
    targets,
    weights,
    outputs,
    results,
    flags,
    theta,
    grad,
    moments,
    widths,
    all_shares,
    meeting,
    carried,
    work,
) -> int:
    """Run batches p.first ... p.last - 1; returns the number of the one after the last done.

    They may go over several epochs, p.count batches each. A training batch whose loss is not finite
    changes nothing and is the last one: then its number is returned, and LAST_LOSS in its epoch's
    results.

    plan_table, batch_table, rule_table: of one row; layers: a row a part; order (N): samples in the
    order of reading; metrics: a row each; tensors, spans (n, 2): start and stop of each trainable
    tensor in theta, and of each unbroken span of them; penalties, constraints: a row a tensor that
    has one; inputs (N, T, D), targets (N, T_y, K), weights (N, T_y) or none, outputs (N, T_y, K) or
    none: all flat; results: see above, a row for each epoch from that of p.first on; flags: run
    for every step of the inputs, the others are written by the layers; widths: units of each array
    of the state; carried: the state vector between batches.

    Of several threads each has tables of one row, spans, and, unless they are together, flags, a
    workspace and a slice of grad for itself; all share the rest: all_shares (2, threads, ...): what
    each adds to the results of a batch, in turn for even and odd ones; meeting: where they meet.
    """
    mode = float_mode()
    set_float_mode(mode | FLUSH_DENORMALS)
    p, b, rule = plan_table[0], batch_table[0], rule_table[0]
    wait(p, meeting)  # all begin, or none
    k = p.first
    while k < p.last:
        j = k % p.count
        totals = results[k // p.count - p.first // p.count]
        if j == 0:
            wait(p, meeting)
            if p.thread == 0:
                begin_epoch(p, k, b.seed, order, carried, totals)
            wait(p, meeting)
        place = (j - p.staged) * p.batch_size
        n = min(p.batch_size, p.samples - place)
        first, last = own_samples(p, n)
        samples = order[place + first : place + last]
        set_rows(p, b, n, first, last)
        b.training, b.step = p.learn, rule.iteration
        b.keep = p.learn | p.recorded
        b.renew |= p.learn
        if last > first:
            gather(p, b.rows, samples, inputs, work)
            if p.hand_on:
                take_state(b, widths, carried, work)
        if last > first or p.together:
            forward_pass(layers, p.layers_forward, batch_table, flags, theta, work)
        if p.score:
            cost = 0.0
            if p.penalty and p.thread == 0:
                cost = call_value(p.penalty, (theta, penalties))
            shares = view(all_shares, k % 2 * p.threads * p.share, (p.threads, p.share))
            data = p, b.rows, n, samples, targets, weights, cost, metrics, shares, totals
            loss = call_value(p.score_batch, (*data, meeting, flags, work))
            if p.learn and not math.isfinite(loss):
                break
        if p.learn:
            if last > first or p.together:
                mine = view(grad, p.thread * p.slice, (len(theta),))
                backward_pass(layers, p.layers_backward, batch_table, flags, theta, mine, work)
            wait(p, meeting)
            if p.add_slices:
                call(p.add_slices, (p, n, spans, grad))
            if p.penalty or p.clipping:
                wait(p, meeting)
                if p.penalty and p.thread == 0:
                    call(p.penalty_gradient, (theta, grad, penalties))
                if p.clipping and p.thread == 0:
                    norms = view(totals, p.norms, (len(totals) - p.norms,))
                    call(p.clipping, (rule, grad, tensors, norms))
                wait(p, meeting)
            if p.last == 0:  # a thread is gone, and its part of the gradient with it
                break
            update(p, rule, theta, grad, moments, spans)
            if p.constraint:
                wait(p, meeting)
                if p.thread == 0:
                    call(p.constraint, (theta, constraints))
        if p.give and last > first:
            scatter_outputs(p, b.rows, samples, outputs, work)
        if p.hand_on and last > first:
            give_state(b, widths, carried, work)
        if p.learn:
            wait(p, meeting)
        k += 1
    wait(p, meeting)
    set_float_mode(mode)
    return k


@inner
def update(p, rule, theta, grad, moments, spans):
    """One update of this thread's spans; each thread has a rule, and all change in the same way."""
    if p.advance:
        call(p.advance, (rule,))
    for i in range(spans.shape[0]):
        if rule.weight_decay > 0.0:
            shrink(rule, theta, spans[i, 0], spans[i, 1])
        call(p.update, (rule, theta, grad, moments, spans[i, 0], spans[i, 1]))
    rule.iteration += 1


@inner
def wait(p, meeting):
    """Wait for the other threads, where there are any; see `meet`."""
    if p.threads > 1:
        call(p.meet, (p, meeting))


@body
def own_samples(p, n):
    """The first of a batch's n samples that is this thread's, and the one after its last.

    As many for each as fill the batch; the last threads may have fewer, or none. Where they are
    together, thread 0 has them all.
    """
    if p.threads == 1 or p.together:
        return (0 if p.thread == 0 else n), n
    size = -(-n // p.threads)
    return min(p.thread * size, n), min((p.thread + 1) * size, n)


@inner
def set_rows(p, b, n, first, last):
    """Say which rows of a batch of n samples this thread computes: first ... last - 1, or all."""
    if p.together:
        first, last = 0, n
    b.rows, b.chain = (1, n) if p.chained else (last - first, 1)
    b.before, b.behind = first, n - last


@inner
def take_state(b, widths, carried, work):
    """Copy the rows' part of the carried state, arrays (rows, units), to where it comes in."""
    rows, units = b.before + b.rows + b.behind, 0
    for i in range(len(widths)):
        n = b.rows * widths[i]
        whole = view(carried, units * rows + b.before * widths[i], (n,))
        copy(whole, view(work, b.state_in + units * b.rows, (n,)))
        units += widths[i]


@inner
def give_state(b, widths, carried, work):
    """Copy the state that goes out to the rows' part of the carried one."""
    rows, units = b.before + b.rows + b.behind, 0
    for i in range(len(widths)):
        n = b.rows * widths[i]
        whole = view(carried, units * rows + b.before * widths[i], (n,))
        copy(view(work, b.state_out + units * b.rows, (n,)), whole)
        units += widths[i]


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
def gather(p, B, samples, inputs, work):
    """Copy the batch's samples from the inputs (N, T, D) into the workspace, time first.

    Of B rows side by side, each made of one or more samples (links) end to end, sample l * B + r is
    link l of row r; its step t comes to place (l * T + t) * B + r.
    """
    T, D = p.steps, p.features
    place = 0
    for link in range(len(samples) // B):
        for t in range(T):
            for r in range(B):
                source = samples[link * B + r] * T + t
                copy(view(inputs, source * D, (D,)), view(work, p.x + place * D, (D,)))
                place += 1


@inner
def scatter_outputs(p, B, samples, outputs, work):
    """Copy the batch's outputs from the workspace to those of all samples (N, T_y, K), and behind
    them, where that is wanted, which targets count (N, T_y)."""
    T, K = p.y_steps, p.y_features
    place = 0
    for link in range(len(samples) // B):
        for t in range(T):
            for r in range(B):
                goal = samples[link * B + r] * T + t
                copy(view(work, p.y + place * K, (K,)), view(outputs, goal * K, (K,)))
                if p.valid_out:
                    outputs[p.valid_out + goal] = work[p.valid + place]
                place += 1


@kernel
def all_finite(values) -> bool:
    """Whether no element of the vector is NaN or infinite."""
    wrong = 0
    for j in range(len(values)):
        wrong += 0 if math.isfinite(values[j]) else 1
    return wrong == 0
