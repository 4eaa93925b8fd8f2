"""Where Keras 3 keeps the variables of a model: groups within each other, and a number for each.

::

    layers/lstm/cell/vars/0, 1, 2                kernel, recurrent kernel, bias
    layers/bidirectional/forward_layer/cell/vars/0 ...
    layers/dense_1/vars/0, 1                     of the second Dense
    layers/sequential/layers/lstm/cell/vars/0 .. of a model within the model
    layers/rnn/cell/cells/lstm_cell_1/vars/0 ..  of the second of several cells of an RNN
    optimizer/vars/0, 1, 2 ...                   see `moments`

A layer's group is called by its class and a number, whatever the layer's name is. That is beside
the variables, as an attribute.
"""

import re
from itertools import count
from typing import NamedTuple

import numpy as np

from ...files.refusals import named
from ...layers import RNN, Bidirectional, TimeDistributed
from ...surface.errors import mismatch
from ..hdf5 import Group
from .cells import CELLS, name_of_cell
from .cells import RNN as RNN_OF_CELLS
from .graphs import MODELS
from .layers import LAYERS

LAYERS_ARE_IN = "layers", "_layer_checkpoint_dependencies"  # the latter in Keras 2.12
VARIABLES, OPTIMIZER, NAME = "vars", "optimizer", "name"
CELL, CELLS_ARE_IN = "cell", "cells"
FORWARD, BACKWARD = "forward_layer", "backward_layer"


class Place(NamedTuple):
    """A group of a layer, or of several: its class, as it is called by it, the number behind it,
    and the layer's name."""

    kind: str
    number: int
    name: str


class Stored(NamedTuple):
    """A layer of a file: its name and class, its variables, and the groups that it is in, of models
    within the model or of several cells, then its own."""

    name: str
    kind: str
    arrays: list[np.ndarray]
    places: tuple[Place, ...]

    @property
    def path(self):
        """The classes of the groups."""
        return tuple(one.kind for one in self.places)


def group_name(kind):
    """What the group of a layer of a class of Keras is called.  Source: ``utils/naming.py``."""
    name = re.sub(r"\W+", "", kind)
    name = re.sub("(.)([A-Z][a-z]+)", r"\1_\2", name)
    return re.sub("([a-z])([A-Z])", r"\1_\2", name).lower()


OF_SEVERAL = {group_name(kind) for kind in (*MODELS, RNN_OF_CELLS)}  # and no layers of one's own
CLASSES = {group_name(kind): kind for kind in (*LAYERS, RNN_OF_CELLS, *CELLS)}


def numbered(names):
    """The names of groups, each of which is there once: dense, dense_1, dense_2 ..."""
    counts = {}
    for name in names:
        number = next(counts.setdefault(name, count()))
        yield f"{name}_{number}" if number else name


def parts_in(layer):
    """[(names of groups within the layer's, the part of it that has its variables there)]."""
    if isinstance(layer, Bidirectional):
        inside = {FORWARD: layer.forward_layer, BACKWARD: layer.backward_layer}
    elif isinstance(layer, TimeDistributed):
        inside = {"layer": layer.layer}
    else:
        return [((CELL,) if isinstance(layer, RNN) else (), layer)]
    return [((name, *path), part) for name, one in inside.items() for path, part in parts_in(one)]


def tree_of(model):
    """The groups of the layers of a model, with their variables."""
    view, theta = model.network.parameters.view, model.network.theta
    kinds = [group_name(type(layer).__name__) for layer in model.layers]
    groups = {}
    for name, layer in zip(numbered(kinds), model.layers, strict=True):
        groups[name] = Group({VARIABLES: Group({}, {NAME: layer.name})})
        for path, part in parts_in(layer):
            arrays = [view(part, tensor, theta) for tensor in part.tensors()]
            if arrays:
                within(groups[name], path)[VARIABLES] = variables(arrays, {NAME: layer.name})
    return Group({LAYERS_ARE_IN[0]: Group(groups), VARIABLES: Group({}, {NAME: model.name})})


def within(group, path):
    """The group at a path in another one, made where it is not there."""
    for name in path:
        group = group.setdefault(name, Group())
    return group


def variables(arrays, attributes=None):
    """A group of variables, each under its number."""
    return Group({str(k): array for k, array in enumerate(arrays)}, attributes or {})


def layers_of(tree):
    """`Stored` of the layers of a file that have variables, those of a class in their order."""
    found = inner_group(tree)
    if not isinstance(found, Group):
        raise mismatch("There are no layers in it.", "a group called layers", named([*tree]))
    return list(stored_in(found, ()))


def inner_group(group):
    """The groups of the layers of a model, or of several cells of an `RNN`; None of any other."""
    name = next((name for name in LAYERS_ARE_IN if name in group), None)
    return group[name] if name else group.get(CELL, {}).get(CELLS_ARE_IN)


def stored_in(groups, within):
    """`Stored` of the layers of a model, or of the cells of one; within: its groups."""
    for kind, number in sorted(split(name) for name in groups):
        group = groups[f"{kind}_{number}" if number else kind]
        inside = inner_group(group) if kind in OF_SEVERAL and isinstance(group, Group) else None
        name = name_of(group, kind)
        places = (*within, Place(kind, number, name))
        if isinstance(inside, Group):
            yield from stored_in(inside, places)
        elif arrays := arrays_in(group):
            is_cell = within and within[-1].kind == group_name(RNN_OF_CELLS)
            called = name_of_cell(within[-1].name, name) if is_cell else name
            yield Stored(called, CLASSES.get(kind, kind), arrays, places)


def split(name):
    """The class in the name of a group, and the number behind it."""
    kind, _, number = name.rpartition("_")
    return (kind, int(number)) if kind and number.isdecimal() else (name, 0)


def name_of(group, kind):
    """The name that a layer had; before Keras 3.6 the file has none."""
    own = group.get(VARIABLES) if isinstance(group, Group) else None
    name = own.attributes.get(NAME) if isinstance(own, Group) else None
    return name if isinstance(name, str) else kind


def arrays_in(group):
    """All variables within a group, those of its own first, a forward layer before a backward."""
    if not isinstance(group, Group):
        raise mismatch("A layer of the file is none.", "a group", "a dataset")
    arrays = list(in_order(group[VARIABLES])) if VARIABLES in group else []
    others = sorted((name == BACKWARD, name) for name in group if name != VARIABLES)
    return arrays + [array for _, name in others for array in arrays_in(group[name])]


def in_order(found):
    """The arrays of a group of variables, in the order of their numbers."""
    for k in range(len(found)):
        array = found.get(str(k))
        if not isinstance(array, np.ndarray):
            raise mismatch("A variable is missing.", f"a dataset {k}", named([*found]))
        yield array
