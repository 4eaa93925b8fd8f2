"""A whole model in a file: described, with its arrays and numbers; and made again from them.

A file is a description, not a program: names in it are looked up, and constructors check what it
says. Nothing is reserved for arrays that it has not. The arrays are read to where the model has
them, so each is once in memory.
"""

from contextlib import contextmanager

import numpy as np

from ..files import container
from ..files.refusals import named
from ..files.weights import KIND, VERSION_OF_WHOLE, WHOLE, is_state_dict, need_version
from ..surface.errors import mismatch
from ..surface.plain import OURS, meaning_of, plain
from .arrays import MOMENTS, check_arrays, check_room
from .description import compile_as, compiled_with, need
from .position import checked, places_in, position_of, put

CANNOT_BE = (ArithmeticError, AttributeError, LookupError, TypeError, ValueError, RecursionError)


def save(model, path):
    """See `Sequential.save`."""
    container.put(path, *content_of(model))


def content_of(model):
    """(arrays, what is said of them) of a model in a file."""
    arrays, numbers = position_of(model)
    return arrays, {
        "kind": WHOLE,
        "version": VERSION_OF_WHOLE,
        "layers": [layer.name for layer in model.layers],
        "dtype": None if model.dtype is None else model.dtype.name,
        "model": plain(model),
        "compile": compiled_with(model),
        "position": numbers,
    }


def load(kind, path, compile):
    """See `tinylstm.load_model`; kind: that of models."""
    with container.opened(path) as file:
        need_whole(file, path)
        with sense_in(path):
            model = made_from(kind, file.about.get("model"))
            if compile and file.about.get("compile") is not None:
                compile_as(model, file.about["compile"])
            numbers = checked(need(file.about.get("position"), dict, "A position"), model)
            check_arrays(model, file.entries, numbers)
            if "draws" in numbers:
                check_room(model, numbers)
            places = places_in(model, numbers)
        arrays = file.tensors(places)
    with sense_in(path):
        check_finite(places)
        put(model, arrays, places, numbers)
    return model


def made_from(kind, said):
    """A new model of a kind, or of a kind of it, from what stands for one."""
    said = need(said, dict, "A model's description")
    own = meaning_of(said.get("class_name"), said.get("module", OURS))
    if not isinstance(own, type) or not issubclass(own, kind):
        raise mismatch("This is no class of models.", f"{kind.__name__}, or one of it", repr(own))
    return own.from_config(said.get("config"))


def need_whole(file, path):
    """Refuse a file that has no model, or one that a later version wrote."""
    kind = file.about.get("kind")
    if is_state_dict(file.entries):
        raise mismatch(
            f"There is no model in {path}.", "tinylstm.from_torch(path)", "weights of PyTorch"
        )
    if kind != WHOLE:
        raise mismatch(
            f"There is no model in {path}.",
            "a file from model.save, or load_weights in a model for one from save_weights",
            "weights alone" if kind == KIND else "tensors of another program",
        )
    need_version(file, path)


def check_finite(arrays):
    """Refuse parameters that no model has."""
    for name, array in arrays.items():
        if name != MOMENTS and not np.isfinite(array).all():
            raise mismatch(f"{named(name)} is not finite.", "finite numbers", "others")


@contextmanager
def sense_in(
    where,
    expected="a description that model.save wrote",
    sentence="The model in {} cannot be made again.",
):
    """A block in which what makes no sense in a file or a text is a ValueError, of a sentence."""
    try:
        yield
    except CANNOT_BE as reason:
        said = str(reason)
        if "\nExpected: " not in said:
            came = f"one that leads to {type(reason).__name__}: {reason}"
            raise mismatch(sentence.format(where), expected, came) from reason
        if isinstance(reason, ValueError):
            raise
        raise ValueError(said) from reason
