"""How much each input moves each output: norms of the Jacobian, exact, from backward passes.

    A[n, t, m, s] = || d y[n, t] / d x[m, s] ||
                  = sqrt(sum over k, d of (d y[n, t, k] / d x[m, s, d])^2)

A backward pass from a one at y[n, t, k], zeros elsewhere, gives one row of the Jacobian. The
samples n and m differ where a batch is one sequence, in the state mode "batch_carried"; in the
other modes no gradient goes from sample to sample, so all samples are done in one pass.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..engine import study
from ..model import Sequential
from ..surface.arguments import as_list, need_model, whole_number


def influence(model: Sequential, x: ArrayLike, outputs: Sequence[int] | None = None) -> NDArray:
    """The norm of d y_t / d x_s, for every output and every input of a batch.

    Parameters
    ----------
    model : Sequential
    x : array (samples, steps, features)
        Or (samples, steps) whole numbers for an `Embedding`: then x_s is the row of a number.
    outputs : list of int, optional
        Those steps of the output alone, in their order; by default all.

    Returns
    -------
    array (samples, T_y, samples, T), float64
        T_y is 1 where the model answers the last step alone.

    Raises
    ------
    ValueError
        If x does not fit the model, or there is no such output.

    Notes
    -----
    The state that the batch starts from is a constant, and stays. One backward pass for each
    number that the model puts out for a sample, and in "batch_carried" for a batch.
    """
    need_model(model)
    found = norms_of(model, x, outputs)
    if found.ndim == 4:
        return found
    rows, whole = np.arange(len(found)), np.zeros((*found.shape[:2], *found.shape[::2]))
    whole[rows, :, rows] = found
    return whole


def norms_of(model, x, outputs):
    """The norms of `influence`; (samples, outputs, T) where no gradient goes from sample to sample,
    so that a large batch takes no room for zeros."""
    with model._lock:
        made = pass_of_its_own(model, x)
        y, grad = made.y(), model.grad.copy()
        dy = np.zeros((len(y), made.program.y_steps, made.program.y_features), y.dtype)
        steps = steps_of_output(outputs, dy.shape[1])
        chained = made.batches.chained
        found = np.zeros((len(y), len(steps), *[len(y)] * chained, made.program.steps))
        together = [[n] for n in range(len(y))] if chained else [range(len(y))]
        for rows, (at, t), k in product(together, enumerate(steps), range(dy.shape[2])):
            dy[rows, t, k] = 1
            made.set_dy(dy.reshape(y.shape))
            made.backward(grad=grad)
            dy[rows, t, k] = 0
            squares = np.square(made.dx_read(), dtype=np.float64).sum(axis=2)
            found[rows[0] if chained else slice(None), at] += squares
    return np.sqrt(found, out=found)


def steps_of_output(outputs, count):
    """The numbers of the steps that were asked for, of so many."""
    if outputs is None:
        return range(count)
    what = "Each of outputs"
    return [whole_number(t, what, 0, count - 1) for t in as_list(outputs, "outputs")]


def pass_of_its_own(model, x):
    """A forward pass beside that which `Sequential.backward` goes back from."""
    last = model.last_pass
    try:
        made = study.forward(model, x, None, None, False, traced=True)
    finally:
        model.last_pass = last
    made.set_dstates(None)
    return made
