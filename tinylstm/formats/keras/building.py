"""A model built with the arrays of its file: where the file has those that it needs."""

from ...data.gate import real_array
from ...files.refusals import named
from ...layers import declared
from ...saving.arrays import parameters_needed
from ...settings import float_dtype
from ...surface.errors import mismatch


def build(model, places, arrays, path):
    """Build a model with arrays that are one after the other.

    Parameters
    ----------
    model : Sequential
        That knows the shape of what it reads, and is not built.
    places : list of int
        Of each layer the one of the file that it is in. A file has those of its arrays first that
        are trained.
    arrays : list of arrays
    path : Path
        Of the file, for messages.

    Raises
    ------
    ValueError
        If they are not those of its layers; nothing is reserved before.
    """
    needed = parameters_needed(model)
    order = in_file(model, places, needed)
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


def in_file(model, places, needed):
    """[(name, shape)] of the parameters of a model, in the order of a file."""
    trained = {
        declared.name_of(layer, part, name)
        for layer in model.layers
        for part in layer.parts()
        if layer.trainable and part.trainable
        for name in declared.tensors_of(part)
    }
    both = zip(places, needed.values(), strict=True)
    tensors = [(place, name, shape) for place, own in both for name, shape in own.items()]
    tensors.sort(key=lambda one: (one[0], one[1] not in trained))
    return [(name, shape) for _, name, shape in tensors]
