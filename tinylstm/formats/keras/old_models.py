"""Files of Keras 1.0 to 2.15, ``.h5``: whole models and weights. Written as Keras 2.15 writes them.

Keras 3 writes and reads such files too.
"""

import json
from collections import deque
from contextlib import nullcontext

from ...files.bounded_json import parse
from ...files.opening import opened_file
from ...files.refusals import Damaged, named, word
from ...layers import declared
from ...surface.errors import mismatch, warn
from .. import Shown, Uncompiled, hdf5, line_of_compiled, matching, only_one
from . import moments, old_configs, old_layout, old_state, old_training
from .building import build
from .entries import entries_of
from .models import model_of, said_of_model
from .old_names import names_of
from .old_things import initializer_today
from .old_weights import of_today
from .parts import as_before_keras3
from .settings import class_and_config, or_uncompiled
from .showing import tensors_of

OF_TODAY = (2, 15, 0)
WRITTEN = {old_layout.VERSION: "2.15.0", old_layout.BACKEND: "tensorflow"}
KERAS2, KERAS3 = (2,), (3,)
ROOM = 2**20  # bytes of a text of a file, which itself is read already


def save(model, path):
    """Write a whole model."""
    with as_before_keras3(initializer_today):
        said = old_configs.said_before(said_of_model(model))
    attributes = WRITTEN | {old_layout.MODEL: json.dumps(said)}
    groups = {old_layout.WEIGHTS: weights_of(model)}
    if model.loss is not None:
        said = old_training.said_of_training(model)
        attributes[old_layout.TRAINING] = json.dumps(said)
        groups[old_layout.MOMENTS] = state_of(model, said["optimizer_config"])
    hdf5.write(path, hdf5.Group(groups, attributes))


def save_weights(model, path):
    """Write the weights of a model."""
    hdf5.write(path, weights_of(model))


def weights_of(model):
    """The group of all layers, with the arrays of each."""
    groups = {}
    for layer in model.layers:
        own, trained = layer.named_weights(), declared.names_trained(layer)
        named = [*zip(own, names_of(layer).values(), own.values(), strict=True)]
        named.sort(key=lambda one: f"{layer.name}/{one[0]}" not in trained)
        groups[layer.name] = old_layout.group_of({name: array for _, name, array in named})
    names = old_layout.said([*groups], old_layout.NAMES)
    return hdf5.Group(groups, names | WRITTEN)


def state_of(model, said):
    """The group of what the optimiser remembers, as the class that is said has it."""
    is_new = old_training.is_new(said, OF_TODAY)
    return old_layout.group_of((old_state.new_arrays_of if is_new else old_state.arrays_of)(model))


def holds(path):
    """Whether an HDF5 file looks as if it had layers as Keras 1 and 2 wrote them."""
    with opened_file(path) as (file, _):
        return old_layout.names_layers(file.read())


def load_weights(model, path, by_name, skip_mismatch):
    """Put the weights of a file into a model."""
    found = [(name, arrays) for name, arrays in arrays_in(hdf5.read(path)) if arrays]
    matching.load(model, as_here(model, found, by_name), path, by_name, skip_mismatch)


def as_here(model, found, by_name):
    """[(name, None, arrays)] of what a file has, [(name, arrays)], as a model has it: each of its
    layers apart, which a file has in one where they are a model in the place of a layer, or cells
    of one `RNN`; and of each the arrays in their order, of which a file has the trained ones first.
    """
    own = [layer for layer in model.layers if layer.named_weights()]
    if by_name:
        alike = {layer.name: [layer] for layer in own}
        runs = [alike.get(name, []) for name, _ in found]
    else:
        runs = runs_of(own, [len(arrays) for _, arrays in found])
    return [
        part
        for (name, arrays), layers in zip(found, runs, strict=True)
        for part in parts_of(name, arrays, layers)
    ]


def runs_of(layers, counts):
    """Layers of a model, one after the other, that have so many arrays together, for each count;
    one for each where they are as many, whatever they have."""
    if len(layers) == len(counts):
        return [[layer] for layer in layers]
    runs, waiting = [], deque(layers)
    for count in counts:
        run = []
        while waiting and sum(len(layer.named_weights()) for layer in run) < count:
            run.append(waiting.popleft())
        runs.append(run)
    return runs


def parts_of(name, arrays, layers):
    """[(name, None, arrays)] of each of these layers that a file has as one; as it is, where it has
    not as many arrays as they have."""
    needed = {layer: [f"{layer.name}/{one}" for one in layer.named_weights()] for layer in layers}
    tensors = [one for own in needed.values() for one in own]
    if len(tensors) != len(arrays):
        return [(name, None, arrays)]
    trained = {one for layer in layers for one in declared.names_trained(layer)}
    tensors.sort(key=lambda one: one not in trained)
    given = dict(zip(tensors, arrays, strict=True))
    return [
        (name if len(layers) == 1 else f"{name}/{layer.name}", None, [given[one] for one in own])
        for layer, own in needed.items()
    ]


def arrays_in(file):
    """[(name, arrays)] of all layers of a file, as they are since Keras 2."""
    group = old_layout.weights_group(file)
    if not old_layout.is_of_keras(file):
        raise mismatch(
            "There are no layers of Keras in the file.",
            "layer_names, as Keras 1 and 2 write them",
            ", ".join(map(named, group.attributes)) or "nothing",
        )
    by_gates = old_configs.numbers_of(group.attributes.get(old_layout.VERSION)) < KERAS2
    return [(name, of_today(arrays, by_gates)) for name, arrays in old_layout.layers_of(group)]


def kinds_in(file):
    """{name: class} of the layers that a file describes."""
    said = description_in(file, old_layout.MODEL)
    if said is None:
        return {}
    layers = old_configs.model_said(said, version_of(file)).get("config", {}).get("layers", [])
    both = (class_and_config(one, "A layer") for one in layers)
    return {config.get("name"): kind for kind, config in both}


def description_in(file, name):
    """What a text of a file says; None where it has none."""
    text = file.attributes.get(name)
    if text is None:
        return None
    try:
        return parse(text, len(text) + ROOM)
    except (Damaged, json.JSONDecodeError) as reason:
        expected = f"{name}, a text of JSON"
        raise mismatch("The file does not say what it holds.", expected, reason) from None


def version_of(file):
    """The version that wrote a file, as numbers."""
    return old_configs.numbers_of(file.attributes.get(old_layout.VERSION))


def load(kind, path, compile):
    """A new model of a kind from a file of a whole one."""
    file = hdf5.read(path)
    said = description_in(file, old_layout.MODEL)
    if said is None:
        raise mismatch(
            f"There is no model in {path}.",
            "a file from model.save, or load_weights in a model for one from save_weights",
            "weights alone" if old_layout.is_of_keras(file) else "another program's HDF5",
        )
    numbers = version_of(file)
    said = old_configs.model_said(said, numbers)
    with nullcontext() if numbers >= KERAS3 else as_before_keras3():
        model = model_of(kind, said)
    need_shape(model, path)
    layers_apart = numbers < KERAS2  # which wrote those of models within the model so
    places = [k if layers_apart else one.place for k, one in enumerate(entries_of(said)[1])]
    build(model, [array for _, some in arrays_in(file) for array in some], path, places)
    training = description_in(file, old_layout.TRAINING)
    if compile and training is None:
        said = f"{path} does not say how its model was compiled: model.compile(optimizer, loss)."
        warn(said, Uncompiled)
    elif compile:
        with or_uncompiled():
            old_training.compile_as(model, training, numbers)
            if old_layout.MOMENTS in file:
                put_state(model, file, training["optimizer_config"], numbers, path)
    return model


def need_shape(model, path):
    """Refuse a model that does not know what it reads: Keras had it build at the first batch."""
    if model.batch_input_shape is None:
        raise mismatch(
            f"{path} does not say what its model reads.",
            "a batch_input_shape in its first layer; or load_weights in a built model",
            "a model whose input shape is not known",
        )


def put_state(model, file, said, numbers, path):
    """Have the optimiser go on where that of a file was."""
    arrays = old_layout.arrays_of(file[old_layout.MOMENTS])
    if old_training.is_new(said, numbers):
        moments.put(model, arrays, path)
    else:
        old_state.put(model, arrays, numbers < KERAS2)


def shown(path):
    """What a file holds, a `Shown`."""
    file = hdf5.read(path)
    kinds, layers, group = kinds_in(file), arrays_in(file), old_layout.weights_group(file)
    whole = old_layout.MODEL in file.attributes
    version = file.attributes.get(old_layout.VERSION)
    if version is None:
        version = group.attributes.get(old_layout.VERSION)
    whose = f"Keras {word(version)}" if version else "Keras 1"
    return Shown(
        f"{'a model' if whole else 'weights of a model'} of {whose}",
        [
            (name, kind, tensors_of(kind, arrays, old_layout.names_of_arrays(group, name)))
            for name, arrays in layers
            for kind in [kinds.get(name)]
        ],
        [*lines_of(file)],
        only_one(array.dtype.name for _, arrays in layers for array in arrays),
    )


def lines_of(file):
    """What a model was compiled with, and how far it has come."""
    said = description_in(file, old_layout.TRAINING)
    if isinstance(said, dict):
        yield line_of_compiled(said.get("loss"), said.get("optimizer_config"))
    if old_layout.MOMENTS in file:
        first = old_layout.arrays_of(file[old_layout.MOMENTS])[:1]
        if first and first[0].shape == ():
            yield f"updates so far: {int(first[0])}"
