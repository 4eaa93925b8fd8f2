"""Where a state_dict comes from: a dict, a module, a file."""

import os
from collections.abc import Mapping

import numpy as np

from ...data.gate import as_array, real_array
from ...files import container, npz, zipped
from ...files.contents import ZIP
from ...files.refusals import named
from ...files.weights import VERSIONS
from ...surface.arguments import path_of
from ...surface.errors import kind_of, mismatch
from . import checkpoint, living
from .modules import classes_of, grouped

START = 9  # bytes, the last of which is a bracket in a file of safetensors
FLOATS = "float16", "float32", "float64"
KIND = "tinylstm state_dict"  # of files that have the names of PyTorch
EXPECTED = "a state_dict: net.state_dict(), a module, or the path of a file that has one"


def tensors_of(source):
    """{path: array} of a state_dict, what it is called in a message, whether it has an order."""
    if isinstance(source, str | os.PathLike):
        path = path_of(source, "source")
        tensors, in_order = tensors_in(path)
        return arrays_of(tensors, path), path, in_order
    if living.lives(source):
        source = source.state_dict()
    if not isinstance(source, Mapping):
        raise mismatch("These are no weights of PyTorch.", EXPECTED, kind_of(source), TypeError)
    return arrays_of(source, "the state_dict"), "the state_dict", True


def tensors_in(path):
    """The tensors of a file, by their names, and whether they are in an order of their own."""
    with zipped.file_at(path) as (file, _):
        start = file.read(START)
    if not start:
        raise mismatch(f"{path} is empty.", EXPECTED, "0 bytes")
    if start.startswith(checkpoint.PICKLES) and not start.endswith(b"{"):
        raise mismatch(
            f"{path} is a pickle, as Python and PyTorch before 1.6 write it.",
            "torch.save(torch.load(path, weights_only=True), path) makes one of PyTorch one that "
            "is read",
            f"a file that begins with {start[:2]!r}, and no zip archive",
        )
    if not start.startswith(ZIP):
        if not start.endswith(b"{"):
            raise mismatch(
                f"{path} does not begin as a file of weights does.", EXPECTED, repr(start)
            )
        return of_safetensors(path)
    of_numpy = path.suffix.lower() == ".npz"
    return (npz.read(path) if of_numpy else checkpoint.read(path)), True


def of_safetensors(path):
    """The same of a file of safetensors, which sorts names, unless it is from here."""
    tensors, about = container.read(path)
    kind = about.get("kind")
    if isinstance(kind, str) and kind in VERSIONS:
        raise mismatch(
            f"{path} is a file of tinylstm itself.",
            "tinylstm.load_model(path), or model.load_weights(path)",
            kind,
        )
    return tensors, kind == KIND


def arrays_of(tensors, where):
    """The tensors as arrays of floats, which are finite."""
    if not tensors:
        raise mismatch(f"There is no tensor in {where}.", EXPECTED, "none")
    need_tensors(tensors, where)
    for name, group in grouped(tensors).items():
        classes_of(name, group)  # a module that has no layer is refused before its numbers are
    return {name: array_of(name, tensor, where) for name, tensor in tensors.items()}


def array_of(name, tensor, where):
    """One tensor as an array."""
    what = f"{named(name)} in {where}"
    if hasattr(tensor, "detach"):
        tensor = as_numpy(tensor.detach().cpu())
    array = as_array(tensor, what)
    if array.dtype.name not in FLOATS:
        raise mismatch(f"{what} holds no weights.", f"one of {', '.join(FLOATS)}", array.dtype)
    return real_array(array, np.result_type(array.dtype, np.float32), what)


def need_tensors(values, where):
    """Refuse what has anything but tensors."""
    for name in (name for name, value in values.items() if not is_tensor(name, value)):
        inner = next(iter(parts_of(values)), "model_state_dict")
        raise mismatch(
            f"{named(name)} in {where} is no tensor.",
            f"{EXPECTED}; of a checkpoint the part that is one, as "
            f"torch.load(path, weights_only=True)[{named(inner)}]",
            kind_of(values[name]),
        )


def parts_of(values):
    """{name: state_dict} of what a checkpoint has of them."""
    return {
        name: part
        for name, part in values.items()
        if isinstance(part, Mapping) and any(is_tensor(*one) for one in part.items())
    }


def is_tensor(name, value):
    """Whether a name and a value are those of a tensor."""
    return isinstance(name, str) and hasattr(value, "shape") and hasattr(value, "dtype")


def as_numpy(tensor):
    """A tensor as an array; one of bfloat16, which NumPy has not, in the next dtype."""
    try:
        return tensor.numpy()
    except TypeError:
        return tensor.float().numpy()
