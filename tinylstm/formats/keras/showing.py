"""What a file of Keras 3 holds, layer by layer, its tensors called as they are here."""

from .cells import CELLS, RNN, name_of_cell
from .graphs import MODELS
from .places import group_name, layers_of
from .settings import class_and_config

GATED = "kernel", "recurrent_kernel", "bias"
DENSE, NORMED = ("kernel", "bias"), ("gamma", "beta")
NAMES = {  # of the variables of a class, in their order; a bias may not be there
    **dict.fromkeys(("LSTM", "GRU", "SimpleRNN", RNN, *CELLS), GATED),
    "Dense": DENSE,
    "Embedding": ("embeddings",),
    "LayerNormalization": NORMED,
}
DIRECTIONS = "forward_", "backward_"


def rows_of(tree, said=None):
    """[(name of a layer, its class, [(name of a tensor, its shape)])] of a file.

    Parameters
    ----------
    tree : Group
        Its variables.
    said : dict, optional
        What it says of its model: then all layers are there, in the model's order.
    """
    return [(name, kind, tensors_of(kind, arrays)) for name, kind, arrays in said_in(tree, said)]


def said_in(tree, said):
    """[(name of a layer, its class, its arrays)] of a file; see `rows_of`."""
    waiting = {}
    for one in layers_of(tree):
        waiting.setdefault(one.path, []).append(one)
    layers = [
        (name, kind, taken(waiting.get(path, []), name))
        for name, kind, path in (described(said) if said else ())
    ]
    return layers + [one[:3] for some in waiting.values() for one in some]


def described(said, within=()):
    """(name, class, names of its groups) of each layer of a description, whatever graph it is."""
    for one in class_and_config(said, "The model")[1].get("layers") or ():
        kind, config = class_and_config(one, "A layer")
        path = (*within, group_name(kind))
        cells = (config.get("cell") or {}).get("config", {}).get("cells")
        if kind in MODELS:
            yield from described(one, path)
        elif cells:
            found = described({"class_name": kind, "config": {"layers": cells}}, path)
            yield from ((name_of_cell(config.get("name"), name), *rest) for name, *rest in found)
        elif kind != "InputLayer":
            yield config.get("name"), kind, path


def taken(stored, name):
    """The arrays of the layer of a name, or of the first where a file has no names, of those of a
    class that wait for theirs; none where it has no variables."""
    nameless = all(group.name == group.kind for one in stored for group in one.places)
    found = next((one for one in stored if one.name == name or nameless), None)
    if found is None:
        return []
    stored.remove(found)
    return found.arrays


def tensors_of(kind, arrays, called=()):
    """[(name, shape)] of the variables of a layer; where its class does not say more, as the file
    calls them, or numbers."""
    called = called if len(called) == len(arrays) else map(str, range(len(arrays)))
    names = names_of(kind, arrays) or called
    return [(name, array.shape) for name, array in zip(names, arrays, strict=True)]


def names_of(kind, arrays):
    """What the variables of a layer of a class are called here; None where nothing says it."""
    if kind == "Bidirectional":
        half = names_of(RNN, arrays[: len(arrays) // 2]) if len(arrays) % 2 == 0 else None
        return half and [f"{one}{name}" for one in DIRECTIONS for name in half]
    if kind == "TimeDistributed":
        kind = "Dense" if arrays and arrays[0].ndim == 2 else "LayerNormalization"
    names = NAMES.get(kind, ())
    without_bias = names[:-1] if names[-1:] == ("bias",) else names
    return next((some for some in (names, without_bias) if len(some) == len(arrays)), None)
