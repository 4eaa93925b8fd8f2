"""Weights of Keras 3 in a file of their own, ``.weights.h5``."""

from itertools import chain

from ...files.opening import opened_file
from ...surface.errors import mismatch, printable
from .. import Shown, hdf5, matching, only_one
from ..hdf5 import Group
from . import moments
from .old_layout import names_layers
from .orders import as_in_model
from .places import (
    LAYERS_ARE_IN,
    OPTIMIZER,
    VARIABLES,
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
    layers = layers_of(hdf5.read(path))
    if not by_name:
        layers = as_in_model(model, layers, path)
    matching.load(model, [one[:3] for one in layers], path, by_name, skip_mismatch)


def in_turn(paths, layers, sentence):
    """(name, class, arrays) of the layers of a file in the order of a model's: a file has no other
    one than that within a class.

    Parameters
    ----------
    paths : list of tuple of str
        Of each layer the classes of its groups.
    layers : list of Stored
    sentence : str
        What is wrong where the file has further layers.
    """
    waiting, turns = {}, []
    for one in layers:
        waiting.setdefault(one.path, []).append(one)
    for path in paths:
        turns += [waiting[path].pop(0)[:3]] if waiting.get(path) else []
    left = [*chain.from_iterable(waiting.values())]
    if left:
        expected = ", ".join(map("/".join, paths)) or "none"
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
