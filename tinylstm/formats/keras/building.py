"""A model built with the arrays of its file: where the file has those that it needs."""

from ...data.gate import real_array
from ...files.refusals import named
from ...layers import declared
from ...saving.arrays import parameters_needed
from ...settings import float_dtype
from ...surface.errors import mismatch


def build(model, arrays, path, places=None):
    """Build a model with arrays that are one after the other.

    Parameters
    ----------
    model : Sequential
        That knows the shape of what it reads, and is not built.
    arrays : list of arrays
    path : Path
        Of the file, for messages.
    places : list of int, optional
        Of each layer the one of an ``.h5`` that it is in, which has those of its arrays first that
        are trained. Without them each layer's are in the order that they have here.

    Raises
    ------
    ValueError
        If they are not those of its layers; nothing is reserved before.
    """
    needed = parameters_needed(model)
    order = in_order(needed) if places is None else trained_first(needed, places)
    ours, theirs = [shape for *_, shape in order], [array.shape for array in arrays]
    if ours != theirs:
        sentence = f"The weights in {path} are not those of the model that it describes."
        raise mismatch(sentence, named(ours), named(theirs))
    dtype = model.dtype or float_dtype(None)
    found = {
        name: real_array(array, dtype, f"{name} in {path}")
        for (name, _), array in zip(order, arrays, strict=True)
    }
    model.given_weights = {layer: [found[name] for name in own] for layer, own in needed.items()}
    model.build(model.batch_input_shape)


def in_order(needed):
    """[(name, shape)] of the parameters of all layers."""
    return [tensor for own in needed.values() for tensor in own.items()]


def trained_first(needed, places):
    """The same in the order of an ``.h5``: of those at one place the trained ones first."""
    trained = {name for layer in needed for name in declared.names_trained(layer)}
    both = zip(places, needed.values(), strict=True)
    tensors = [(place, name, shape) for place, own in both for name, shape in own.items()]
    tensors.sort(key=lambda one: (one[0], one[1] not in trained))
    return [(name, shape) for _, name, shape in tensors]
