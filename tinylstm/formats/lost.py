"""What a model has lost on its way through a file: told from the two, not from a list."""

import numpy as np

from ..saving.arrays import MOMENTS, STATE
from ..saving.description import compiled_with, described
from ..saving.position import position_of
from ..surface.plain import plain

OF_LAYERS = ("batch_input_shape", "input_shape", "dtype")  # which are of the model, and compared so


def lost(model, other):
    """Sentences of what a model had and another one has not, which came from its file."""
    yield from of_layers(model, other)
    yield from of_training(model, other)
    yield from of_position(model, other)


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
    ours, theirs = described(layer), described(twin)
    if ours["class_name"] != theirs["class_name"]:
        yield f"the class {ours['class_name']} of {layer.name}: it is {theirs['class_name']}"
        return
    for name, value in ours["config"].items():
        came = theirs["config"].get(name)
        if name not in OF_LAYERS and value != came:
            yield f"{name}={value!r} of {layer.name}: it is {came!r}"
    for name, array in layer.named_weights().items():
        if not np.array_equal(array, twin.named_weights()[name]):
            yield f"the numbers of {layer.name}/{name}"


def of_training(model, other):
    """The loss, the metrics and the optimiser."""
    ours, theirs = compiled_with(model), compiled_with(other)
    if ours is None:
        return
    if theirs is None:
        yield "the loss, the metrics and the optimiser"
        return
    for name, what in (("loss", "loss"), ("metrics", "metrics"), ("optimizer", "optimiser")):
        if plain(ours[name]) != plain(theirs[name]):
            yield f"the {what} {ours[name]}: it is {theirs[name]}"


def of_position(model, other):
    """How far the training had come."""
    (ours, numbers), (theirs, others) = position_of(model), position_of(other)
    if not same(ours.get(STATE), theirs.get(STATE)):
        yield "the carried state"
    if not any(map(np.any, (ours.get(MOMENTS, ()), numbers.get("counts", {}).get("iteration", 0)))):
        return
    if numbers["counts"] != others.get("counts"):
        yield f"that there were {model.optimizer.iterations} updates"
    if not same(ours.get(MOMENTS), theirs.get(MOMENTS)):
        yield "the moments of the optimiser"
    if numbers["seed"] != others["seed"] or numbers["orders"] != others.get("orders"):
        yield "where random numbers go on: another order of the samples, other masks of dropout"


def same(one, other):
    """Whether two arrays are equal, or both missing."""
    return (one is None) == (other is None) and (one is None or np.array_equal(one, other))
