"""Files of ``torch.save``, as the table of formats has them: weights, and models that follow from
them."""

from ...files.refusals import named
from .. import Shown, only_one
from . import checkpoint
from .modules import classes_or_none, grouped, modules_in
from .reading import built, layers_of
from .sources import is_tensor, parts_of, tensors_in, tensors_of
from .writing import arrays_of


def holds(path):
    """Whether a zip archive is one of ``torch.save``."""
    return checkpoint.holds(path)


def save_weights(model, path):
    """Write what `to_torch` gives."""
    checkpoint.write(path, arrays_of(model))


def load(kind, path, compile):
    """A new model of what a file says, where that is enough: see `from_torch`."""
    return built(kind, modules_of(path))


def layers_in(path):
    """The weights in a file, layer by layer."""
    return layers_of(modules_of(path))


def modules_of(path):
    """The modules in a file, in their order."""
    tensors, _, in_order = tensors_of(path)
    return modules_in(tensors, in_order=in_order)


def shown(path):
    """What a file holds."""
    found, _ = tensors_in(path)
    whole = {
        f"{part}.{name}": one for part, own in parts_of(found).items() for name, one in own.items()
    }
    tensors = {name: one for name, one in (found | whole).items() if is_tensor(name, one)}
    layers = [
        (name, classes_or_none(name, group), [(one, tuple(group[one].shape)) for one in group])
        for name, group in grouped(tensors).items()
    ]
    lines = [
        f"{named(name)} is no tensor" for name in found if name not in {*tensors, *parts_of(found)}
    ]
    dtype = only_one(str(one.dtype).removeprefix("torch.") for one in tensors.values())
    return Shown("weights of PyTorch", layers, lines, dtype)
