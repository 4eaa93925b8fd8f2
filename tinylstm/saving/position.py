"""How far a model has come: arrays, and numbers beside them; and another model put there.

The arrays are the parameters, by the names that they have in files of weights, the moments of the
optimiser and the carried state, as they lie in memory. The numbers are the seed, where further
parameters would be drawn from, how many orders of the samples were drawn, the counts of the
optimiser and the rows of the state. Random numbers in training follow from these alone.
"""

import numpy as np

from ..data.arrays import zeros
from ..files.weights import tensors_of
from ..losses import is_shipped
from ..settings import no_seeds
from ..surface.arguments import as_list, choice, whole_number
from ..surface.errors import mismatch
from ..whole import at_once, sets, writes
from .arrays import MOMENTS, STATE, parameters_needed
from .description import assembled


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


def places_in(model, numbers):
    """{name: array} of where the arrays go in a new model of layers alike, which has drawn nothing.

    It is compiled already, or never; and built by this, if the other one was.
    """
    model.seed = numbers["seed"]
    if "draws" not in numbers:
        return {}
    zero = model.dtype.type(0)
    model.given_weights = {
        layer: [np.broadcast_to(zero, shape) for shape in own.values()]
        for layer, own in parameters_needed(model).items()
    }
    model.build(model.batch_input_shape)
    moments = {} if model.optimizer is None else {MOMENTS: model.optimizer.moments}
    return tensors_of(model) | moments


def put(model, arrays, places, numbers):
    """Have a model go on where another one was, whose arrays are in their places, as far as it has
    places for them."""
    if "draws" in numbers:
        others = {name: array for name, array in arrays.items() if name not in places}
        at_once(*going_on(model, others, numbers))


def going_on(model, arrays, numbers):
    """The changes of a built model to one that goes on where another one was, which had the same
    parameters; and the same moments, where there are none among the arrays."""
    network, seed = model.network, numbers["seed"]
    values = arrays[STATE].astype(model.dtype) if STATE in arrays else zeros(0, model.dtype)
    changes = [
        sets(model, _seed=seed, epochs_seen=numbers["orders"]),
        sets(network, draws=generator_at(numbers["draws"])),
        network.seeded(seed),
        network.state.holding(values, numbers["rows"], numbers["free"]),
    ]
    if model.optimizer is not None:
        rule = model.optimizer.rule.copy()
        for name, value in numbers["counts"].items():
            rule[name] = value
        changes.append(writes(model.optimizer.rule, rule))
        if MOMENTS in arrays:
            changes.append(writes(model.optimizer.moments, arrays[MOMENTS]))
    if model.loss is not None and "option" in numbers:
        changes.append(writes(model.loss.option, np.array(numbers["option"])))
    return changes


def remade(kind, made_of, compiled_with, arrays, numbers):
    """Another model, from layers that are free and what `position_of` gave.

    made_of : name, dtype, shape of a batch, layers.
    compiled_with : optimiser, loss, metrics; None before `compile`.
    """
    with no_seeds():
        model = assembled(kind, *made_of)
    if compiled_with is not None:
        model.compile(*compiled_with)
    places = places_in(model, numbers)
    for name, place in places.items():
        place[...] = arrays[name]
    put(model, arrays, places, numbers)
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
