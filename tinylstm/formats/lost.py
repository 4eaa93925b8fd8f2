"""What a model has lost on its way through a file: told from the two, not from a list."""

import numpy as np

from .. import initializers
from ..saving.arrays import MOMENTS, STATE
from ..saving.description import compiled_with, described
from ..saving.position import position_of
from ..surface.plain import Instead, plain

OF_LAYERS = ("batch_input_shape", "input_shape", "dtype")  # which are of the model, and compared so


def lost(model, other, seeded=True):
    """Sentences of what a model had and another one has not, which came from its file.

    seeded: whether the model's seed is its own, and was not drawn when it was read from a file.
    """
    yield from of_layers(model, other)
    yield from of_training(model, other)
    yield from of_position(model, other, seeded)


def of_layers(model, other):
    """Layers, their settings and their weights."""
    found = {layer.name: layer for layer in other.layers}
    if len(model.layers) == len(other.layers):
        pairs = zip(model.layers, other.layers, strict=True)
    else:
        pairs = [(layer, found.get(layer.name)) for layer in model.layers]
    for layer, twin in pairs:
        if twin is None:
            yield f"the layer {layer.name} ({type(layer).__name__})"
        else:
            yield from of_layer(layer, twin)
    if model.dtype != other.dtype:
        yield f"the dtype {model.dtype}: it is {other.dtype}"


def of_layer(layer, twin):
    """Settings of a layer, and its weights."""
    yield from of_described(described(layer), described(twin), layer.name)
    theirs = twin.named_weights()
    for name, array in layer.named_weights().items():
        if not np.array_equal(array, theirs.get(name)):
            yield f"the numbers of {layer.name}/{name}"


def of_described(ours, theirs, what):
    """What differs of two descriptions: the class, or some settings, however deep."""
    ours, theirs = alone(ours), alone(theirs)
    if ours["class_name"] != theirs["class_name"]:
        yield f"{ours['class_name']} as {what}: it is {theirs['class_name']}"
        return
    for name, value in ours["config"].items():
        value, came = meant_by(name, value), meant_by(name, theirs["config"].get(name))
        if name in OF_LAYERS or value == came:
            continue
        if is_described(value) and is_described(came):
            yield from of_described(value, came, f"the {name} of {what}")
        else:
            yield f"{name}={setting(value)} of {what}: it is {setting(came)}"


def is_described(value):
    """Whether a value stands for an object of a class."""
    return isinstance(value, dict) and "class_name" in value


def alone(said):
    """A description; for each step of a Dense, which is one for all of them, that of the Dense."""
    inside = said["config"].get("layer")
    if said["class_name"] == "TimeDistributed" and inside["class_name"] == "Dense":
        return Instead(inside, config={k: v for k, v in inside["config"].items() if k != "name"})
    return said


def setting(value):
    """A setting in a sentence: a class with its numbers, or any other value."""
    return word_for(value) if is_described(value) else repr(value)


def meant_by(name, value):
    """What a setting says, however it is written."""
    if isinstance(value, str) and name.endswith("_initializer"):
        value = plain(initializers.get(value))
    if isinstance(value, dict) and "reference" in value:
        return value["reference"]
    return "linear" if value is None and name == "activation" else value


def of_training(model, other):
    """The loss, the metrics and the optimiser."""
    ours, theirs = compiled_with(model), compiled_with(other)
    if ours is None:
        return
    if theirs is None:
        yield "the loss, the metrics and the optimiser"
        return
    yield from of_described(ours["optimizer"], theirs["optimizer"], "the optimiser")
    for what in ("loss", "metrics"):
        one, another = (word_for(side[what]) for side in (ours, theirs))
        if one != another:
            yield f"the {what} {one}: {another}"


def word_for(said):
    """A loss, or metrics, in words."""
    if isinstance(said, list):
        return ", ".join(map(word_for, said)) or "none"
    if not isinstance(said, dict):
        return str(said)
    if "reference" in said:
        return said["reference"]
    numbers = (f"{name}={value!r}" for name, value in said["config"].items())
    return f"{said['class_name']}({', '.join(numbers)})"


def of_position(model, other, seeded):
    """How far the training had come."""
    (ours, numbers), (theirs, others) = position_of(model), position_of(other)
    if not same(ours.get(STATE), theirs.get(STATE)):
        yield "the carried state"
    if not any(map(np.any, (ours.get(MOMENTS, ()), numbers.get("counts", {}).get("iteration", 0)))):
        return
    if numbers["counts"] != others.get("counts"):
        yield f"the number of updates, {model.optimizer.iterations:,}"
    if not same(ours.get(MOMENTS), theirs.get(MOMENTS)):
        yield "the moments of the optimiser"
    if not seeded:
        return
    if numbers["seed"] != others["seed"] or numbers["orders"] != others.get("orders"):
        yield "where random numbers go on: another order of the samples, other masks of dropout"


def same(one, other):
    """Whether two arrays are equal, or both missing."""
    return (one is None) == (other is None) and (one is None or np.array_equal(one, other))
