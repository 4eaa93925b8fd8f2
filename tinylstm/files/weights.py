"""The weights of a model in a file.

A tensor is called "layer/tensor", such as "lstm/kernel"; beside them the file says which version of
this layout it is, the layers in their order, and the dtype.
"""

import re

import numpy as np

from ..surface.errors import mismatch
from . import container
from .refusals import named

KIND, VERSION = "tinylstm weights", 2
WHOLE, VERSION_OF_WHOLE = "tinylstm model", 1  # see ``saving/model_file.py``
VERSIONS = {KIND: VERSION, WHOLE: VERSION_OF_WHOLE}  # that are read
OF_PYTORCH = re.compile(r"(.+\.)?(weight|bias)(_[ih]h(_l\d+)?(_reverse)?)?")


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


def need_version(file, path):
    """Refuse a file of ours that a later version wrote."""
    version, newest = file.about.get("version"), VERSIONS[file.about["kind"]]
    if type(version) is not int:
        raise mismatch(f"{path} does not say its version.", "a whole number", named(version))
    if version > newest:
        expected = f"version {newest} or older"
        raise mismatch(f"{path} is from a newer tinylstm.", expected, f"version {named(version)}")
