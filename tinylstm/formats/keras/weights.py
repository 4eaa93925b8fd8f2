"""Weights of Keras 3 in a file of their own, ``.weights.h5``."""

from itertools import chain

from .. import Shown, hdf5, matching
from ..hdf5 import Group
from . import moments
from .places import LAYERS_ARE_IN, OPTIMIZER, VARIABLES, in_order, layers_of, tree_of, variables


def holds(path):
    """Whether a file of HDF5 has weights as Keras 3 lays them out."""
    tree = hdf5.read(path)
    return any(isinstance(tree.get(name), Group) for name in LAYERS_ARE_IN)


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
    kinds = [type(layer).__name__ for layer in model.layers if layer.named_weights()]
    matching.load(model, in_turn(kinds, layers_of(hdf5.read(path))), path, by_name, skip_mismatch)


def in_turn(kinds, layers):
    """The layers of a file in the order of these classes: it has no other one than that within a
    class. What is left comes last."""
    waiting = {}
    for layer in layers:
        waiting.setdefault(layer[1], []).append(layer)
    queues = {kind: iter(found) for kind, found in waiting.items()}
    turns = (next(queues.get(kind, iter(())), None) for kind in kinds)
    return [one for one in turns if one is not None] + [*chain.from_iterable(queues.values())]


def shown(path):
    """What a file holds, a `Shown`."""
    tree = hdf5.read(path)
    found = optimizer_in(tree)
    updates = [f"updates so far: {found[0].item()}"] if found else []
    return Shown("weights of a model of Keras 3", shapes_of(tree), updates, dtype_in(tree))


def shapes_of(tree):
    """[(name of a layer, its class, [(name of a tensor, its shape)])] of a file."""
    return [
        (name, kind, [(str(k), array.shape) for k, array in enumerate(arrays)])
        for name, kind, arrays in layers_of(tree)
    ]


def dtype_in(tree):
    """The dtype of the weights of a file, None where there are several."""
    dtypes = {array.dtype.name for _, _, arrays in layers_of(tree) for array in arrays}
    return dtypes.pop() if len(dtypes) == 1 else None


def optimizer_in(tree):
    """The variables of the optimiser in a file; none where it has none."""
    found = tree.get(OPTIMIZER)
    found = found.get(VARIABLES) if isinstance(found, Group) else None
    return list(in_order(found)) if isinstance(found, Group) else []
