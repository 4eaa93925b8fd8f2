"""The weights of a model in a file.

A tensor is called "layer/tensor", such as "lstm/kernel"; beside them the file says which version of
this layout it is, the layers in their order, and the dtype.
"""

import re

import numpy as np

from ..data.gate import real_array
from ..surface.errors import mismatch, warn
from ..whole import writes
from . import container
from .header import BFLOAT16
from .refusals import named

KIND, VERSION = "tinylstm weights", 2
WHOLE, VERSION_OF_WHOLE = "tinylstm model", 1  # see ``saving/model_file.py``
VERSIONS = {KIND: VERSION, WHOLE: VERSION_OF_WHOLE}  # that are read
FLOATS = ("F16", BFLOAT16, "F32", "F64")
OF_PYTORCH = re.compile(r"(.+\.)?(weight|bias)(_[ih]h(_l\d+)?(_reverse)?)?")
LETTERS = 100  # of a name that is shown as it is


def save_weights(model, path):
    """See `Sequential.save_weights`."""
    about = {
        "kind": KIND,
        "version": VERSION,
        "layers": [layer.name for layer in model.layers],
        "dtype": model.dtype.name,
    }
    container.put(path, tensors_of(model), about)


def is_state_dict(names):
    """Whether tensors are called as those of modules of PyTorch are."""
    return bool(names) and all(OF_PYTORCH.fullmatch(name) for name in names)


def tensors_of(model):
    """The parameters as views: {"layer/tensor": array}, in Keras' order."""
    return {
        f"{layer.name}/{name}": array
        for layer in model.layers
        for name, array in layer.named_weights().items()
    }


def need_finite(model):
    """Refuse to write parameters that `load_weights` would refuse to read."""
    for name, array in tensors_of(model).items():
        if not np.isfinite(array).all():
            at = tuple(int(k) for k in np.argwhere(~np.isfinite(array))[0])
            raise mismatch(
                f"The weights are not finite, and no file of such weights is read again: {name}.",
                "finite numbers, as set_weights or an earlier file has them",
                f"{array[at]} at {list(at)}",
            )


def load_weights(model, path, by_name=False, skip_mismatch=False):
    """See `Sequential.load_weights`."""
    own = tensors_of(model)
    with container.opened(path) as file:
        if is_state_dict(file.entries):
            raise mismatch(
                f"The weights in {path} are called as those of PyTorch.",
                "tinylstm.from_torch(path), or with model=model",
                ", ".join([*map(shown, file.entries)][:2]),
            )
        shapes = shapes_in(file)
        layers = layers_in(file, path)
        names = {name: name for name in own} if by_name else names_in_file(model, shapes, layers)
        if by_name:
            own, shapes = of_layers_in_both(model, own, shapes)
        if skip_mismatch:
            own, shapes = of_layers_that_fit(model, own, shapes, names, path)
        expected, received = differences(own, shapes, names)
        if expected or received or not own:
            raise mismatch(
                f"The weights in {path} are those of another model.",
                ", ".join(expected) or ("nothing else" if own else "layers of the model"),
                ", ".join(received) or ("a file without them" if own else "none that it has"),
            )
        found = file.tensors()
    arrays = {name: (found[names[name]], f"{name!r} in {path}") for name in own}
    found = [real_array(array, model.dtype, what) for array, what in arrays.values()]
    model.write(*(writes(*pair) for pair in zip(own.values(), found, strict=True)))


def of_layers_in_both(model, own, shapes):
    """The tensors of a model and of a file that are of layers of which both have some."""
    ours, theirs = owners(model, own), owners(model, shapes)
    both = {*ours.values()} & {*theirs.values()}
    return (
        {name: array for name, array in own.items() if ours[name] in both},
        {name: shape for name, shape in shapes.items() if theirs[name] in both},
    )


def of_layers_that_fit(model, own, shapes, names, path):
    """The same, of layers whose tensors have the same shapes in both; warns of the others."""
    ours, back = owners(model, own), {theirs: name for name, theirs in names.items()}
    wrong = {ours[name] for name in own if shapes.get(names[name]) != own[name].shape}
    wrong.update(owners(model, [name for name in shapes if name not in back]).values())
    fitting = {name: array for name, array in own.items() if ours[name] not in wrong}
    left = list(dict.fromkeys(layer for layer in ours.values() if layer in wrong))
    if left and fitting:
        warn(f"Layers of other shapes than in {path} keep their weights: {', '.join(left)}.")
    return fitting, {names[name]: shapes[names[name]] for name in fitting}


def owners(model, names):
    """The name of the model's layer of each tensor, by how the tensor is called; None of none."""
    layers = sorted((layer.name for layer in model.layers), key=len, reverse=True)
    return {
        name: next((layer for layer in layers if name.startswith(f"{layer}/")), None)
        for name in names
    }


def shapes_in(file):
    """The shapes of a file's tensors that are weights, by their names.

    Raises
    ------
    ValueError
        If one of them holds no floats.
    """
    for name, entry in file.entries.items():
        if entry.dtype not in FLOATS:
            sentence = f"Tensor {named(name)} holds no weights."
            raise mismatch(sentence, f"one of {', '.join(FLOATS)}", entry.dtype)
    whole = file.about.get("kind") == WHOLE  # its moments and its state are of no layer
    return {name: one.shape for name, one in file.entries.items() if not whole or "/" in name}


def layers_in(file, path):
    """The names of a file's layers in their order; none, where another program wrote it.

    Raises
    ------
    ValueError
        If a later version wrote the file, or it does not say them.
    """
    kind, layers = file.about.get("kind"), file.about.get("layers")
    if not isinstance(kind, str) or kind not in VERSIONS:
        return []
    need_version(file, path)
    if not isinstance(layers, list) or not all(isinstance(name, str) for name in layers):
        raise mismatch(f"{path} does not say its layers.", "a list of names", named(layers))
    return layers


def need_version(file, path):
    """Refuse a file of ours that a later version wrote."""
    version, newest = file.about.get("version"), VERSIONS[file.about["kind"]]
    if type(version) is not int:
        raise mismatch(f"{path} does not say its version.", "a whole number", named(version))
    if version > newest:
        expected = f"version {newest} or older"
        raise mismatch(f"{path} is from a newer tinylstm.", expected, f"version {named(version)}")


def names_in_file(model, found, order):
    """What each tensor of the model is called in a file: {"layer/tensor": "layer/tensor"}.

    The same; or where layers are called otherwise there, each is the one at the same place, of
    those that have parameters.
    """
    ours = {layer.name: sorted(layer.named_weights()) for layer in model.layers}
    ours = {layer: names for layer, names in ours.items() if names}
    own = {f"{layer}/{name}" for layer, names in ours.items() for name in names}
    theirs = by_layer(found, order, {name for names in ours.values() for name in names})
    if own == found.keys() or [*ours.values()] != [*theirs.values()]:
        return {name: name for name in own}
    places = zip(ours.items(), theirs, strict=True)
    return {f"{a}/{tensor}": f"{b}/{tensor}" for (a, names), b in places for tensor in names}


def by_layer(tensors, layers, endings):
    """The names of each layer's tensors, in the order of the layers; without those that have none.

    tensors: called "layer/tensor", of which the ending is one of some.
    """
    found = {layer: [] for layer in layers}
    for name in tensors:
        for ending in endings:
            layer = name.removesuffix(f"/{ending}")
            if layer != name and layer in found:
                found[layer].append(ending)
    return {layer: sorted(names) for layer, names in found.items() if names}


def differences(own, shapes, names):
    """The tensors, with their shapes, that are not the same in a model and in a file."""
    back = {theirs: ours for ours, theirs in names.items()}
    sides = {name: array.shape for name, array in own.items()}, shapes
    return [
        [
            f"{shown(name)} {shape}"
            for name, shape in this.items()
            if other.get(there.get(name)) != shape
        ]
        for this, other, there in ((*sides, names), (*reversed(sides), back))
    ]


def shown(name):
    """A name of a file in a list of names."""
    return name if name.isprintable() and len(name) <= LETTERS else named(name)
