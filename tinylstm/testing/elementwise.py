"""Does a cell that says ``elementwise=True`` keep to it?  Some units alone must give the same."""

import inspect
from functools import partial

import numpy as np

from ..kernels.compiling import COMPILED, is_ours
from ..kernels.products import Block
from ..layers import RNN
from ..surface.errors import mismatch

NEAR = 1e-9  # of numbers near 1; the same sums in another order are nearer, other units are not


def need_elementwise(model):
    """Refuse a model with a cell that is not elementwise and says so.

    No gradient shows that: forward and backward pass can mix the units, or the rows that are done
    together, and agree.
    """
    layers = [part for layer in model.layers for part in layer.parts() if isinstance(part, RNN)]
    for layer in layers:
        ours = COMPILED and is_ours(layer.cell.step)  # the tests hold them; a call compiles
        if layer.cell.elementwise and not ours:
            check_steps(layer)


def own_steps(layer):
    """A cell's two steps as plain Python: (step, {name: a random vector}, call of such vectors)."""
    cell, kinds = layer.cell, {"phi": layer._activation, "sigma": layer._recurrent}
    units, rng = max(2, layer.units), np.random.default_rng(0)
    U, first = rng.uniform(0.1, 0.9, (units, layer.columns)), len(cell.gates) - len(cell.inside)
    for k, name in enumerate(cell.blocks, start=first):
        kinds[name] = Block(U, k * units, np.ones(0))
    steps = (cell.step, cell.names), (cell.step_backward, cell.names_backward)
    for step, names in steps:
        asked = inspect.signature(step).parameters
        whole = {name: rng.uniform(0.1, 0.9, units) for name in names if name in asked}
        yield step, whole, partial(call, step, [*asked], kinds)


def call(step, asked, kinds, vectors):
    """Call a step with what it asks for."""
    given = vectors | kinds
    step(*[given[name] for name in asked])


def check_steps(layer):
    """Compare a layer's two steps of all its units with those of some units and of the others."""
    units = max(2, layer.units)
    pieces = slice(0, units // 2), slice(units // 2, units)
    for step, whole, run in own_steps(layer):
        parts = [{name: a[piece].copy() for name, a in whole.items()} for piece in pieces]
        for vectors in (whole, *parts):
            run(vectors)
        for name, found in whole.items():
            alone = np.concatenate([part[name] for part in parts])
            if not np.allclose(found, alone, NEAR, NEAR, equal_nan=True):
                raise mismatch(
                    f"Cell {layer.cell.name!r} says elementwise=True and is not.",
                    "each unit's results from the numbers of that unit, or a cell without "
                    "elementwise=True",
                    f"{step.__name__}, whose {name} changes with the units beside it",
                )
