"""How far a model has come: arrays, and numbers beside them; and another model put there.

The arrays are the parameters, by the names that they have in files of weights, the moments of the
optimiser and the carried state, as they lie in memory. The numbers are the seed, where further
parameters would be drawn from, how many orders of the samples were drawn, the counts of the
optimiser and the rows of the state. Random numbers in training follow from these alone.
"""

import math

import numpy as np

from ..data.arrays import zeros
from ..files.weights import tensors_of
from ..layers import declared
from ..losses import is_shipped
from ..settings import no_seeds
from ..surface.arguments import as_list, choice, whole_number
from ..surface.errors import mismatch
from .description import assembled

MOMENTS, STATE = "moments", "state"  # no parameter has a name without a stroke
BESIDE = 2**22  # numbers of a state that nobody has run yet


def position_of(model):
    """(arrays, numbers) of a model; of one whose input shape is not known, the seed alone.

    The arrays are views where they can be.
    """
    numbers = {"seed": None if model.seed is None else int(model.seed)}
    if not model.built:
        return {}, numbers
    model.need_own_moments(model.optimizer)
    arrays, optimizer, held = tensors_of(model), model.optimizer, model.state.held()
    numbers["draws"] = model.network.draws.bit_generator.state
    numbers["orders"] = model.epochs_seen
    numbers["rows"], numbers["free"] = held.rows, held.free
    if len(held.values):
        arrays[STATE] = held.values
    if optimizer is not None:
        arrays[MOMENTS] = optimizer.moments
        numbers["counts"] = {name: optimizer.rule[name].item() for name in optimizer.starts}
        if not is_shipped(model.loss):
            numbers["option"] = model.loss.option.tolist()
    return arrays, numbers


def parameters_needed(model):
    """{layer: {name in a file: shape}} of the parameters of a model that is not built yet."""
    return {
        layer: {
            f"{layer.name}/{part.prefix}{name}": tuple(shape)
            for part in layer.parts()
            for name, (shape, _) in declared.tensors_of(part).items()
        }
        for layer in model.layers
    }


def units_of_state(model):
    """Numbers of the state of a row."""
    parts = [part for layer in model.layers for part in layer.parts() if part.state_names]
    return sum(len(part.state_names) * part.units for part in parts)


def shapes_needed(model, rows):
    """{name: shape} of all arrays of a model that is compiled, or not, and not built yet."""
    needed = {k: shape for own in parameters_needed(model).values() for k, shape in own.items()}
    count = sum(math.prod(shape) for shape in needed.values())
    if model.optimizer is not None:
        needed[MOMENTS] = (model.optimizer.moments_needed, count)
    state = units_of_state(model) * (rows or 0)
    return needed | ({STATE: (state,)} if state else {})


def check_shapes(model, shapes, numbers):
    """Refuse arrays of other shapes than a model has; nothing is reserved before.

    shapes : {name: shape} of what there is.
    """
    needed = shapes_needed(model, numbers["rows"])
    there = {name: shape for name, shape in shapes.items() if name in needed or name != MOMENTS}
    wrong = [name for name in {**needed, **there} if needed.get(name) != there.get(name)]
    if wrong:
        sides = (
            ", ".join(f"{name} {side[name]}" for name in wrong if name in side) or "nothing else"
            for side in (needed, there)
        )
        raise mismatch("The arrays are not those of the model that is described.", *sides)
    rows = model.batch_input_shape[0] or 0
    if rows * units_of_state(model) > max(BESIDE, *needed.get(STATE, (0,))):
        expected = f"a state of {needed.get(STATE, (0,))}"
        raise mismatch("The batches are larger than the state.", expected, f"{rows:,} rows")


def put(model, arrays, numbers):
    """Put a new model of layers alike where another one was. It is compiled already, or never.

    The arrays are those that it needs, of any dtype: see `check_shapes`.
    """
    model.seed = numbers["seed"]
    if "draws" not in numbers:
        return
    model.draws = generator_at(numbers["draws"])
    model.kept_weights = {
        layer: [arrays[name] for name in own] for layer, own in parameters_needed(model).items()
    }
    model.build(model.batch_input_shape)
    model.epochs_seen = numbers["orders"]
    values = arrays[STATE].astype(model.dtype) if STATE in arrays else zeros(0, model.dtype)
    model.state.hold(values, numbers["rows"], numbers["free"])
    if model.optimizer is not None:
        model.optimizer.moments[:] = arrays[MOMENTS]
        for name, value in numbers["counts"].items():
            model.optimizer.rule[name] = value
    if model.loss is not None and "option" in numbers:
        model.loss.option[:] = numbers["option"]


def remade(kind, made_of, compiled_with, arrays, numbers):
    """Another model, from layers that are free and what `position_of` gave.

    made_of : name, dtype, shape of a batch, layers.
    compiled_with : optimiser, loss, metrics; None before `compile`.
    """
    with no_seeds():
        model = assembled(kind, *made_of)
    if compiled_with is not None:
        model.compile(*compiled_with)
    put(model, arrays, numbers)
    return model


def generator_at(state):
    """A generator of random numbers where another one was."""
    bits = np.random.PCG64(0)
    bits.state = state
    return np.random.Generator(bits)


def checked(numbers, model):
    """The numbers of a file, each of which can be.

    Raises
    ------
    KeyError, TypeError, ValueError
        If one is missing, or cannot be.
    """
    found = {"seed": numbers["seed"]}
    if found["seed"] is not None or "draws" in numbers:
        found["seed"] = whole_number(found["seed"], "The seed", least=0)
    if "draws" not in numbers:
        return found
    generator_at(numbers["draws"])
    found["draws"] = numbers["draws"]
    found["orders"] = whole_number(numbers["orders"], "The count of orders", least=0)
    rows = numbers["rows"]
    found["rows"] = None if rows is None else whole_number(rows, "The rows of the state")
    found["free"] = choice(numbers["free"], "free")
    if model.optimizer is not None:
        starts, counts = model.optimizer.starts, numbers["counts"]
        found["counts"] = {name: number(counts[name], name) for name in starts}
        if not is_shipped(model.loss):
            found["option"] = checked_option(numbers["option"], model.loss)
    return found


def checked_option(option, loss):
    """The parameters of a loss."""
    found = [number(one, "An option of a loss") for one in as_list(option, "option")]
    if len(found) != len(loss.option):
        what = f"The loss {loss.name} has another number of options."
        raise mismatch(what, len(loss.option), len(found))
    return found


def number(value, what):
    """A number of JSON as it is."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise mismatch(f"{what} is a number.", "a number", repr(value))
    return value
