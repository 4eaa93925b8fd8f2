"""Weights of Keras 3 in a file of their own, ``.weights.h5``."""

from itertools import chain

from ...files.opening import opened_file
from ...surface.errors import mismatch, printable
from .. import Shown, hdf5, matching, only_one
from ..hdf5 import Group
from . import moments
from .layers import LAYERS
from .old_layout import names_layers
from .places import (
    LAYERS_ARE_IN,
    OPTIMIZER,
    VARIABLES,
    group_name,
    in_order,
    layers_of,
    tree_of,
    variables,
)
from .showing import rows_of


def holds(path):
    """Whether a file of HDF5 looks as if it had weights as Keras 3 lays them out."""
    with opened_file(path) as (file, _):
        content = file.read()
    return any(n.encode() in content for n in LAYERS_ARE_IN) and not names_layers(content)


def save_weights(model, path):
    """The parameters of a model, and what its optimiser remembers, as Keras writes both."""
    hdf5.write(path, whole_tree(model))


def whole_tree(model):
    """The groups of a file: of the layers, and of the optimiser where there is one."""
    tree = tree_of(model)
    if model.optimizer is not None:
        tree[OPTIMIZER] = Group({VARIABLES: variables(moments.variables_of(model))})
    return tree


def load_weights(model, path, by_name, skip_mismatch):
    """Put the weights of a file into a model."""
    put(model, layers_of(hdf5.read(path)), path, by_name, skip_mismatch)


def put(model, layers, path, by_name, skip_mismatch):
    """Put layers of a file into a model: by their names, or those of a class in their order."""
    if by_name:
        layers = [one[:3] for one in layers]
    else:
        paths = [
            [(group_name(kind),) for kind in classes_of(layer)]
            for layer in model.layers
            if layer.named_weights()
        ]
        sentence = f"The weights in {path} are those of another model."
        layers = in_turn(paths, in_one_model(layers, path), sentence)
    matching.load(model, layers, path, by_name, skip_mismatch)


def classes_of(layer):
    """Names of a layer's class: its own, then those of what it is derived from, up to Keras'."""
    names = [kind.__name__ for kind in type(layer).__mro__[:-1]]
    return names[: next((k for k, name in enumerate(names, 1) if name in LAYERS), 1)]


def in_one_model(layers, path):
    """The layers of a file as if none were in a model within the model.

    Raises
    ------
    ValueError
        If some of a class are in one and some are not: no order of these is in a file.
    """
    places = {}
    for one in layers:
        places.setdefault(one.kind, {})[one.path] = one
    has_names = len({one.name for one in layers}) == len(layers)  # before Keras 3.6 it has none
    way = "by_name=True; or " if has_names else ""
    for kind, found in places.items():
        if len(found) > 1:
            listed = (f"{printable(one.name)} ({'/'.join(one.path)})" for one in found.values())
            raise mismatch(
                f"{path} does not say in which order its layers of the class {printable(kind)} "
                "are: some of them are in a model within the model.",
                f"{way}tinylstm.load_model, of a whole model",
                ", ".join(listed),
            )
    return [one._replace(path=one.path[-1:]) for one in layers]


def in_turn(paths, layers, sentence):
    """(name, class, arrays) of the layers of a file in the order of a model's: a file has no other
    one than that within a class.

    Parameters
    ----------
    paths : list of list of tuple of str
        Of each layer those that it may have in the file: it has the first that is there.
    layers : list of Stored
    sentence : str
        What is wrong where the file has further layers.
    """
    waiting, turns = {}, []
    for one in layers:
        waiting.setdefault(one.path, []).append(one)
    for some in paths:
        found = next((waiting[path] for path in some if waiting.get(path)), None)
        turns += [found.pop(0)[:3]] if found else []
    left = [*chain.from_iterable(waiting.values())]
    if left:
        expected = ", ".join("/".join(some[0]) for some in paths) or "none"
        listed = ", ".join(f"{printable(one.name)} ({'/'.join(one.path)})" for one in left)
        raise mismatch(sentence, f"groups of variables {expected}", f"also {listed}")
    return turns


def shown(path):
    """What a file holds, a `Shown`."""
    tree = hdf5.read(path)
    return shown_of(tree, "weights of a model of Keras 3", rows_of(tree))


def shown_of(tree, what, rows, lines=()):
    """What the groups of a file hold, a `Shown`; lines: what there is to say before the updates."""
    found = optimizer_in(tree)
    updates = [f"updates so far: {found[0].item()}"] if found else []
    dtype = only_one(array.dtype.name for one in layers_of(tree) for array in one.arrays)
    return Shown(what, rows, [*lines, *updates], dtype)


def optimizer_in(tree):
    """The variables of the optimiser in a file; none where it has none."""
    found = tree.get(OPTIMIZER)
    found = found.get(VARIABLES) if isinstance(found, Group) else None
    return list(in_order(found)) if isinstance(found, Group) else []
