"""Weights of Keras 3 in a file of their own, ``.weights.h5``."""

from itertools import chain

from ...files.opening import opened_file
from ...surface.errors import mismatch, printable
from .. import Shown, hdf5, matching
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
    if not by_name:
        kinds = [classes_of(layer) for layer in model.layers if layer.named_weights()]
        layers = in_turn(kinds, layers, f"The weights in {path} are those of another model.")
    matching.load(model, layers, path, by_name, skip_mismatch)


def classes_of(layer):
    """Names of a layer's class: its own, then those of what it is derived from, up to Keras'."""
    names = [kind.__name__ for kind in type(layer).__mro__[:-1]]
    return names[: next((k for k, name in enumerate(names, 1) if name in LAYERS), 1)]


def in_turn(kinds, layers, sentence):
    """The layers of a file in the order of a model's: a file has no other one than that within a
    class.

    Parameters
    ----------
    kinds : list of list of str
        Names that the class of each layer may have in the file: the first that is there.
    sentence : str
        What is wrong where the file has further layers.
    """
    waiting, turns = {}, []
    for layer in layers:
        waiting.setdefault(group_name(layer[1]), []).append(layer)
    for names in kinds:
        found = next((waiting[one] for one in map(group_name, names) if waiting.get(one)), None)
        turns += [found.pop(0)] if found else []
    left = [*chain.from_iterable(waiting.values())]
    if left:
        expected = ", ".join(names[0] for names in kinds) or "none"
        listed = ", ".join(f"{printable(name)} ({printable(kind)})" for name, kind, _ in left)
        raise mismatch(sentence, f"layers of the classes {expected}", f"also {listed}")
    return turns


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
