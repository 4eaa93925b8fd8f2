"""The arrays that a model has in a file, and whether those of a file are they."""

import math

from ..files.refusals import named
from ..layers import declared
from ..surface.errors import mismatch

MOMENTS, STATE = "moments", "state"  # no parameter has a name without a stroke
ARRAY = "array "  # and a number: what is called so is no part of the model; see `backup`
NOT_THOSE = "The arrays are not those of the model that is described."
MOST_NAMES = 3  # in a message
BESIDE = 2**22  # numbers of a state that nobody has run yet


def parameters_needed(model):
    """{layer: {name in a file: shape}} of the parameters of a model that is not built yet."""
    return {
        layer: {
            declared.name_of(layer, part, name): tuple(shape)
            for part in layer.parts()
            for name, (shape, _) in declared.tensors_of(part).items()
        }
        for layer in model.layers
    }


def units_of_state(model):
    """Numbers of the state of a row."""
    parts = [part for layer in model.layers for part in layer.parts() if part.state_names]
    return sum(len(part.state_names) * part.units for part in parts)


def shapes_needed(model, numbers):
    """{name: shape} of all arrays of a model that is compiled, or not, built or not yet."""
    if "draws" not in numbers:
        return {}
    needed = {k: shape for own in parameters_needed(model).values() for k, shape in own.items()}
    count = sum(math.prod(shape) for shape in needed.values())
    if model.optimizer is not None:
        needed[MOMENTS] = (model.optimizer.moments_needed, count)
    state = units_of_state(model) * (numbers["rows"] or 0)
    return needed | ({STATE: (state,)} if state else {})


def check_arrays(model, entries, numbers, what=NOT_THOSE):
    """Refuse a file whose arrays are not those of a model; nothing is reserved before.

    Parameters
    ----------
    entries : {name: Entry}
        What the file has. Moments may be there that the model does not need.
    what : str, optional
        The sentence that says so.
    """
    letter = f"F{8 * model.dtype.itemsize}" if model.dtype else None
    needed = {name: (letter, shape) for name, shape in shapes_needed(model, numbers).items()}
    there = {
        name: (one.dtype, one.shape)
        for name, one in entries.items()
        if not name.startswith(ARRAY) and (name in needed or name != MOMENTS)
    }
    wrong = [name for name in {**needed, **there} if needed.get(name) != there.get(name)]
    if wrong:
        raise mismatch(what, *(said(side, wrong) for side in (needed, there)))


def said(arrays, names):
    """What is said of the first of some arrays, as far as they are there."""
    found = ["{} {} {}".format(named(one), *arrays[one]) for one in names if one in arrays]
    return ", ".join(found[:MOST_NAMES]) or "nothing else"


def check_room(model, numbers):
    """Refuse batches of so many rows that a described model would hold more than it has held."""
    rows, units = model.batch_input_shape[0] or 0, units_of_state(model)
    held = units * (numbers["rows"] or 0)
    if rows * units > max(BESIDE, held):
        expected = f"a state of {held:,} numbers"
        raise mismatch("The batches are larger than the state.", expected, f"{rows:,} rows")
