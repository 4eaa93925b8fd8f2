"""How far an optimiser has come, in files of Keras 1 and 2: a count of updates, and moments.

The arrays have an order alone. The count is the first, but there is none in Keras 1.0, and of an
RMSprop or Adagrad up to 2.2. The moments of all parameters that are trained are one kind after the
other. The classes of 2.11 and later have them as Keras 3 has: see `moments`.

Source: ``optimizers.py`` of Keras 1.0.8 to 2.3.1, ``optimizer_v2/`` of 2.4 to 2.15.
"""

from itertools import takewhile

import numpy as np

from ...data.gate import real_array
from ...optimizers import SGD, Adagrad, Adam, Lion, Nadam, RMSprop
from ...surface.arguments import LARGEST, whole_number
from ...surface.errors import mismatch
from ...whole import at_once, writes
from . import moments
from .old_names import trained_names
from .old_weights import of_today

NAMES = {  # of the rows of moments
    Nadam: ("m", "v"),
    Adam: ("m", "v"),
    SGD: ("momentum",),
    RMSprop: ("rms", "momentum", "mg"),
    Adagrad: ("accumulator",),
    Lion: ("m",),
}


def rows_of(optimizer):
    """The rows of its moments, in the order of a file."""
    return [row for rows in moments.rows_of(optimizer) for row in rows]


def put(model, arrays, gate_by_gate):
    """Have the optimiser of a model go on where the one of a file was.

    Parameters
    ----------
    arrays : list of arrays
        In the order of the file.
    gate_by_gate : bool
        Whether layers may be those of Keras 1.

    Raises
    ------
    ValueError
        If they are not those of the model.
    """
    optimizer = model.optimizer
    numbers = [*takewhile(lambda array: array.shape == (), arrays)]
    values, rule = optimizer.moments.copy(), optimizer.rule.copy()
    places = [trained(model, values[row]) for row in rows_of(optimizer)]
    given = by_kinds(arrays[len(numbers) :], len(places), len(places and places[0]))
    for views, group in zip(places, given, strict=False):
        found = of_today(group, gate_by_gate, np.mean)
        need_same(views, found)
        for view, array in zip(views, found, strict=True):
            view[...] = real_array(array, model.dtype, "What the optimiser remembers")
    moments.need_squares(optimizer, values)
    if numbers:
        rule["iteration"] = whole_number(int(numbers[0]), "The count of updates", 0, LARGEST)
    if isinstance(optimizer, Nadam) and len(numbers) > 1:
        rule["product"] = numbers[1]
    elif isinstance(optimizer, Nadam):  # of a file up to 2.2
        updates, decay = int(rule["iteration"][0]), optimizer.schedule_decay
        rule["product"] = moments.product_after(optimizer, updates, decay)
    at_once(writes(optimizer.moments, values), writes(optimizer.rule, rule))


def trained(model, vector):
    """Views of the parameters that are trained, in a vector that is laid out as they are."""
    return model.network.parameters.weights(vector, train=True)


def by_kinds(arrays, kinds, count):
    """The arrays of each kind of moments; none where the file has none."""
    if kinds == 2 and len(arrays) == (kinds + 1) * count:  # the largest ones of a variant of Adam
        arrays = arrays[: kinds * count]
    size = -(-len(arrays) // max(kinds, 1))
    return [arrays[k * size : (k + 1) * size] for k in range(kinds if arrays else 0)]


def need_same(views, values):
    """Refuse moments of other parameters."""
    ours, theirs = ([array.shape for array in some] for some in (views, values))
    if ours != theirs:
        raise mismatch(
            "What the optimiser remembers is that of another model.",
            f"arrays of the shapes {', '.join(map(str, ours))}",
            ", ".join(map(str, theirs)) or "none",
        )


def arrays_of(model):
    """{name: array} of what the optimiser remembers, as the classes up to 2.10 have it."""
    optimizer = model.optimizer
    kind, whats = kind_and_names(optimizer)
    found = {f"{kind}/iter:0": np.array(optimizer.iterations, np.int64)}
    if isinstance(optimizer, Nadam):
        found[f"{kind}/momentum_cache:0"] = optimizer.rule["product"].astype(model.dtype)[0]
    names = [name.removesuffix(":0") for name in trained_names(model)]
    for row in rows_of(optimizer):
        views = trained(model, optimizer.moments[row])
        both = zip(names, views, strict=True)
        found |= {f"{kind}/{name}/{whats[row]}:0": view for name, view in both}
    return found


def new_arrays_of(model):
    """The same, as the classes of 2.11 and later have it."""
    kind, _ = kind_and_names(model.optimizer)
    arrays = moments.views_of(model) or moments.unused_of(model)
    views = {f"{kind}/{k}:0": array for k, array in enumerate(arrays)}
    return {"iteration:0": np.array(model.optimizer.iterations, np.int64)} | views


def kind_and_names(optimizer):
    """The class of Keras that an optimiser is of, and what its moments are called there."""
    return next(
        (kind.__name__, names) for kind, names in NAMES.items() if isinstance(optimizer, kind)
    )
