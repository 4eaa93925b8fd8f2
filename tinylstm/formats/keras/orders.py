"""In which order the layers of a ``.weights.h5`` are those of a model.

A file has the layers of a model, and of each model within it, by their classes: the first LSTM, the
second one, the first Dense. Whether a Dense comes before an LSTM, or before a model that has one
in it, it does not say. So orders are looked for in which each layer of the file has the class of
the model's in its place, and all of a model within the model, or of several cells, stand together.
There may be several: then shapes decide, and then names, which files have since Keras 3.6.
"""

from typing import NamedTuple

from ...surface.errors import mismatch, printable
from .cells import CELLS, RNN
from .layers import LAYERS
from .places import group_name

MANY = 2  # orders, of which none is looked for further


class Wanted(NamedTuple):
    """What a layer of a model has to find: classes as groups are called by them, its own first, the
    shapes of arrays, and its name."""

    kinds: list[str]
    shapes: list[tuple[int, ...]]
    name: str


def as_in_model(model, stored, path):
    """The layers of a file, `Stored`, in the order of those of a model.

    Raises
    ------
    ValueError
        If in no order they have the classes of the model's, or in several, and neither shapes nor
        names say which is meant.
    """
    wanted = [wanted_of(layer) for layer in model.layers if layer.named_weights()]
    orders = orders_of(stored, wanted, has_class)
    if not orders:
        raise mismatch(
            f"The weights in {path} are those of another model.",
            ", ".join(f"{printable(one.name)} ({one.kinds[0]})" for one in wanted) or "none",
            listed(stored) or "a file without them",
        )
    for fits in (has_shapes, has_name):
        if len(orders) == MANY:
            orders = orders_of(stored, wanted, fits)
    if len(orders) != 1:
        has_names = any(group.name != group.kind for one in stored for group in one.places)
        way = "by_name=True; layers that are called as in the file; or " if has_names else ""
        raise mismatch(
            f"{path} does not say in which order its layers are: some are in a model within the "
            "model, or in an RNN, and shapes allow several orders, or none.",
            f"{way}tinylstm.load_model, of a whole model",
            listed(stored),
        )
    return orders[0]


def wanted_of(layer):
    """What a layer of a model has to find."""
    kinds = classes_of(layer)
    cells = [cell for cell, kind in CELLS.items() if kind in kinds]
    shapes = [array.shape for array in layer.named_weights().values()]
    kinds = map(group_name, [*kinds, *cells, *[RNN] * bool(cells)])
    return Wanted([*kinds], shapes, layer.name)


def classes_of(layer):
    """Names of a layer's class: its own, then those of what it is derived from, up to Keras'."""
    names = [kind.__name__ for kind in type(layer).__mro__[:-1]]
    return names[: next((k for k, name in enumerate(names, 1) if name in LAYERS), 1)]


def has_class(wanted, one):
    """Whether a layer of a file has a class that this layer of a model may have there."""
    return one.path[-1] in wanted.kinds


def has_shapes(wanted, one):
    """And its shapes."""
    return has_class(wanted, one) and [array.shape for array in one.arrays] == wanted.shapes


def has_name(wanted, one):
    """And its name; or that with the names of models within the model before it."""
    outer = [group.name for group in one.places[:-1]]
    names = {"_".join([*outer[k:], one.name]) for k in range(len(outer) + 1)}
    return has_shapes(wanted, one) and wanted.name in names


def orders_of(stored, wanted, fits, depth=0):
    """At most two orders of the layers of a file that stand for these of a model, all of them.

    Layers are taken one by one, of each class the next one, in all ways at once: of the ways that
    have taken the same no more than two are kept.
    """
    queues = groups_in(stored, depth)
    ways = {(0,) * len(queues): [[]]}
    for _ in range(sum(map(len, queues))):
        further = {}
        for taken, orders in ways.items():
            start = len(orders[0])
            for k, queue in enumerate(queues):
                if taken[k] == len(queue):
                    continue
                group = queue[taken[k]]
                parts = ordered(group, wanted[start : start + len(group)], fits, depth)
                found = further.setdefault((*taken[:k], taken[k] + 1, *taken[k + 1 :]), [])
                found += [order + part for order in orders for part in parts]
        ways = {taken: found[:MANY] for taken, found in further.items() if found}
    return [order for found in ways.values() for order in found if len(order) == len(wanted)]


def groups_in(stored, depth):
    """[[layers of a group] of one class, in their order] of the groups at a depth."""
    queues = {}
    for one in stored:
        group = one.places[depth]
        queues.setdefault(group.kind, {}).setdefault(group.number, []).append(one)
    return [[*groups.values()] for groups in queues.values()]


def ordered(group, wanted, fits, depth):
    """Orders of what is in one group: a layer, or those of a model or of an `RNN`."""
    if len(group[0].places) > depth + 1:
        return orders_of(group, wanted, fits, depth + 1)
    return [group] if wanted and fits(wanted[0], group[0]) else []


def listed(stored):
    """Names of layers, and where they are in a file."""
    return ", ".join(f"{printable(one.name)} ({'/'.join(one.path)})" for one in stored)
