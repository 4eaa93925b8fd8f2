"""Weights in a file that is the old one or the new one, complete, whenever the process dies.

The format is safetensors. A tensor is called "layer/tensor", such as "lstm/kernel"; the metadata
say which version of this layout it is, the layers in their order, and the dtype.
"""

import json
import os
import secrets
import shutil
from contextlib import contextmanager, suppress
from pathlib import Path

import numpy as np
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save as to_bytes

from .data.gate import real_array
from .surface.arguments import choice, path_of
from .surface.errors import mismatch, warn

KIND, VERSION = "tinylstm weights", 1
FLOATS = ("F16", "F32", "F64")
LETTERS = 40  # of a file's name, in that of the one that takes its place
EXPECTED = {
    "read": "the path of a file that can be read",
    "written": "a path that can be written, on a disk with room",
}
OTHER_FORMATS = (".h5", ".hdf5", ".keras")  # that a name may promise
OTHER_FORMAT = "is written in the safetensors format"


def save_weights(model, path, overwrite):
    """See `Sequential.save_weights`."""
    model.need_built("save_weights")
    path = path_of(path, "filepath")
    need_finite(model)
    with told(path, "written"):
        if not choice(overwrite, "overwrite") and path.exists():
            expected = "overwrite=True or a new path"
            raise mismatch("The file exists already.", expected, str(path), FileExistsError)
    if path.suffix in OTHER_FORMATS:
        warn(
            f"{path.name} {OTHER_FORMAT}, whatever its name says: tinylstm reads it, Keras does "
            "not."
        )
    metadata = {
        "kind": KIND,
        "version": str(VERSION),
        "layers": json.dumps([layer.name for layer in model.layers]),
        "dtype": model.dtype.name,
    }
    write_whole(path, to_bytes(tensors_of(model), metadata))


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


def write_whole(path, content):
    """Put bytes into a file so that at every moment it is the old one or the new one, complete.

    They go into a new file beside it, which takes its name when it is on the disk. A link is
    followed. A process that is killed may leave the new file: ``.name.1a2b3c4d.tmp``, with the
    first letters of a long name.
    """
    with told(path, "written"):
        target = Path(os.path.realpath(path))
        need_folder(target)
        need_file(target)
        put(content, target)


def put(content, target):
    """Write a fresh file, and give it the target's name."""
    fresh = target.with_name(f".{target.name[:LETTERS]}.{secrets.token_hex(4)}.tmp")
    try:
        with open(fresh, "xb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        if target.exists():
            shutil.copymode(target, fresh)
        os.replace(fresh, target)
    except BaseException:
        with suppress(FileNotFoundError):
            fresh.unlink()
        raise
    sync_folder(target.parent)


def add_whole(path, content):
    """Put bytes behind those of a file: all of them, or none where that fails."""
    with told(path, "written"), open(path, "ab", buffering=0) as file:
        end = file.seek(0, os.SEEK_END)
        try:
            while content:
                content = content[file.write(content) :]  # a full disk takes a part, then none
        except BaseException:
            with suppress(OSError):  # a device has no end
                file.truncate(end)
            raise


def need_folder(path):
    """Refuse a path that is a folder itself, or in none that exists."""
    if not path.parent.is_dir():
        raise mismatch(
            "There is no such folder.", "a folder that exists", str(path), FileNotFoundError
        )
    if path.is_dir():
        raise mismatch("This is a folder.", "the path of a file", str(path), IsADirectoryError)


def need_file(path):
    """Refuse what is there and no file that can be replaced, such as a device."""
    if path.exists() and not path.is_file():
        expected = "a new path, or that of a file"
        raise mismatch("This is no file of weights.", expected, str(path), FileExistsError)


@contextmanager
def told(path, what):
    """Where the system refuses a path, say so in a sentence; what: "read" or "written"."""
    try:
        yield
    except (OSError, UnicodeError) as reason:
        if "\nExpected: " in str(reason):
            raise
        why, kind = getattr(reason, "strerror", None) or str(reason), type(reason)
        kind = kind if issubclass(kind, OSError) else ValueError
        refusal = mismatch(f"The file cannot be {what}: {why}.", EXPECTED[what], str(path), kind)
        refusal.errno = getattr(reason, "errno", None)
        raise refusal from None


def sync_folder(path):
    """Have a folder's new entry on the disk, where folders can be synced: not on Windows."""
    if os.name == "nt":
        return
    folder = os.open(path, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def load_weights(model, path):
    """See `Sequential.load_weights`."""
    model.need_built("load_weights")
    own = tensors_of(model)
    found, order = read_tensors(path_of(path, "filepath"))
    names = names_in_file(own, found, [layer.name for layer in model.layers], order)
    expected, received = differences(own, found, names)
    if expected or received:
        raise mismatch(
            f"The weights in {path} are those of another model.",
            ", ".join(expected) or "nothing else",
            ", ".join(received) or "a file without them",
        )
    arrays = {name: (found[names[name]], f"{name!r} in {path}") for name in own}
    model.set_weights([real_array(array, model.dtype, what) for array, what in arrays.values()])


def names_in_file(own, found, layers, order):
    """What each tensor of the model is called in a file: {"layer/tensor": "layer/tensor"}.

    The same; or where layers are called otherwise there, each is the one at the same place, of
    those that have parameters.
    """
    ours, theirs = by_layer(own, layers), by_layer(found, order)
    if own.keys() == found.keys() or [*ours.values()] != [*theirs.values()]:
        return {name: name for name in own}
    places = zip(ours.items(), theirs, strict=True)
    return {f"{a}/{tensor}": f"{b}/{tensor}" for (a, names), b in places for tensor in names}


def by_layer(tensors, layers):
    """The names of each layer's tensors, in the order of the layers; without those that have none.

    tensors: called "layer/tensor".
    """
    names = {
        layer: sorted(name[len(layer) + 1 :] for name in tensors if name.startswith(f"{layer}/"))
        for layer in layers
    }
    return {layer: own for layer, own in names.items() if own}


def differences(own, found, names):
    """The tensors, with their shapes, that are not the same in a model and in a file."""
    back = {theirs: ours for ours, theirs in names.items()}
    shapes = [{name: array.shape for name, array in side.items()} for side in (own, found)]
    return [
        [f"{name} {shape}" for name, shape in this.items() if other.get(there.get(name)) != shape]
        for this, other, there in ((*shapes, names), (*reversed(shapes), back))
    ]


def read_tensors(path):
    """All tensors of a file, by name; and the names of the layers in their order.

    Raises
    ------
    FileNotFoundError
        If there is no file.
    ValueError
        If it is cut off, no safetensors file, newer than this version, or holds no floats.
    """
    with told(path, "read"):
        return read_file(path)


def read_file(path):
    """See `read_tensors`."""
    if not path.is_file():
        what = "a folder" if path.is_dir() else "nothing"
        raise mismatch(
            "There is no file of weights.",
            "a file from save_weights",
            f"{what} at {path}",
            FileNotFoundError,
        )
    try:
        with safe_open(path, "numpy") as file:
            metadata = file.metadata() or {}
            check_version(metadata, path)
            tensors = {name: read_tensor(file, name) for name in file.keys()}  # noqa: SIM118
            return tensors, layers_of(metadata)
    except SafetensorError as reason:
        raise mismatch(
            f"{path} is not a complete safetensors file ({reason}).",
            "a file from save_weights",
            f"{path.stat().st_size:,} bytes that begin with {path.read_bytes()[:8]!r}",
        ) from None


def check_version(metadata, path):
    """Refuse a file that a later version wrote; one of another program has no version."""
    version = metadata.get("version", "0") if metadata.get("kind") == KIND else "0"
    if int(version) > VERSION:
        raise mismatch(
            f"{path} is from a newer tinylstm.", f"version {VERSION} or older", f"version {version}"
        )


def layers_of(metadata):
    """The names of the layers in their order; a file of another program says nothing of them."""
    return json.loads(metadata.get("layers", "[]")) if metadata.get("kind") == KIND else []


def read_tensor(file, name):
    """One tensor of an open file."""
    dtype = file.get_slice(name).get_dtype()
    if dtype not in FLOATS:
        raise mismatch(f"Tensor {name!r} holds no weights.", f"one of {', '.join(FLOATS)}", dtype)
    return np.asarray(file.get_tensor(name))
