"""Weights of a file put into a model: which layer of the file is which of the model.

What a file has comes as ``[(name of a layer, its class or None, arrays)]``, in the file's order, of
the layers that have weights. The arrays are in Keras' order, or a dict by the names that they have
here. What stands for an array has a shape; no more is looked at before it is known what fits.
"""

from itertools import chain, count
from typing import Any, NamedTuple

from ..data.gate import real_array
from ..files.refusals import word
from ..surface.errors import mismatch, warn
from ..whole import writes


class Pair(NamedTuple):
    """A tensor of a model, and the one of a file whose values it takes."""

    ours: str
    place: Any
    theirs: str
    values: Any


def load(model, found, path, by_name=False, skip_mismatch=False):
    """Put the weights of a file into a model: all of them, or none where one does not fit.

    Parameters
    ----------
    model : Sequential
        That is built.
    found : list of (str, str or None, list or dict of arrays)
    path : Path
        Of the file, for messages.
    by_name : bool, default=False
        A layer takes those of the layer of its name; the others keep what they have. By default
        the first layer that has weights takes those of the first in the file, and so on.
    skip_mismatch : bool, default=False
        What does not fit is left as it is, with a warning.

    Raises
    ------
    ValueError
        If there are more layers on one side, or arrays in a layer, or a shape differs, or nothing
        fits at all; or a value is not finite.
    """
    put(model, matched(model, found, path, by_name, skip_mismatch), path)


def put(model, pairs, path):
    """Write what was matched into a model, in its dtype."""
    values = [real_array(one.values, model.dtype, f"{one.theirs!r} in {path}") for one in pairs]
    model.write(*(writes(one.place, array) for one, array in zip(pairs, values, strict=True)))


def matched(model, found, path, by_name=False, skip_mismatch=False, in_order=True):
    """[Pair] of all that a model takes from a file; see `load`.

    in_order: whether the file's layers have an order; otherwise all go by their names.
    """
    own = [(layer.name, layer.named_weights()) for layer in model.layers]
    own = [(name, arrays) for name, arrays in own if arrays]
    found = [(name, arrays) for name, _, arrays in found]
    if in_order and not by_name and len(own) == len(found):
        couples = zip(own, found, strict=True)
    else:
        couples = of_one_name(own, found, path, by_name)
    pairs, misfits = [], []
    for ours, theirs in chain.from_iterable(tensors_of(*couple) for couple in couples):
        fits = [shape_of(one) for _, one in ours] == [shape_of(one) for _, one in theirs]
        (pairs if fits else misfits).append((ours, theirs))
    can_skip = skip_mismatch and pairs and all(map(all, misfits))
    if misfits and not can_skip:
        raise mismatch(
            f"The weights in {path} are those of another model.",
            listed(chain.from_iterable(ours for ours, _ in misfits)) or "nothing else",
            listed(chain.from_iterable(theirs for _, theirs in misfits)) or "a file without them",
        )
    for ours, theirs in misfits:
        warn(f"{listed(ours)} stays as it was: {path} has {listed(theirs)} in its place.")
    return [Pair(*a, *b) for one, other in pairs for a, b in zip(one, other, strict=True)]


def of_one_name(own, found, path, only_both):
    """The layers of a model and of a file that have the same name; what has no other one, beside
    nothing.

    only_both: without those, unless there are no others.
    """
    theirs = dict(found)
    if len(theirs) < len(found):
        raise mismatch(
            f"Layers in {path} have the same name.",
            f"layers of other names, or {len(own)} in their order, as the model has",
            ", ".join(word(name) for name, _ in found),
        )
    couples = [((name, arrays), (name, theirs.pop(name, {}))) for name, arrays in own]
    both = [couple for couple in couples if couple[1][1]]
    if only_both and both:
        return both
    return couples + [((None, {}), one) for one in theirs.items()]


def tensors_of(ours, theirs):
    """([(name, array)], [(name, array)]) of tensors of two layers that stand for each other: one by
    one, or all at once where they are not the same."""
    (layer, own), (other, arrays) = ours, theirs
    if not isinstance(arrays, dict):  # what goes beyond our own has a number for a name
        arrays = dict(zip(chain(own, count(len(own))), arrays, strict=False))
    one, another = named_in(layer, own), named_in(other, arrays)
    if own.keys() != arrays.keys():
        yield [*one.values()], [*another.values()]
        return
    for name in own:
        yield [one[name]], [another[name]]


def named_in(layer, arrays):
    """{name in a layer: (name in all, array)}; layer: its name, or None of what is in none."""
    start = "" if layer is None else f"{layer}/"
    return {name: (f"{start}{name}", array) for name, array in arrays.items()}


def shape_of(array):
    """The shape of an array, or of what stands for one."""
    return tuple(array.shape)


def listed(tensors):
    """Names and shapes of tensors, (name, array), in a sentence."""
    return ", ".join(f"{word(name)} {shape_of(one)}" for name, one in tensors)
