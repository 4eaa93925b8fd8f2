"""Files of this package itself: safetensors, whose header says what the tensors are."""

from ..files import container
from ..files.refusals import word
from ..files.weights import is_state_dict, load_weights, save_weights
from ..saving.arrays import MOMENTS, STATE
from ..saving.model_file import load, save
from . import Shown
from .torch import file

__all__ = ["load", "load_weights", "save", "save_weights", "shown"]
KINDS = {"tinylstm model": "a model", "tinylstm weights": "weights of a model"}
OF_THE_WHOLE = {MOMENTS: "(of the optimiser)", STATE: "(carried)"}


def shown(path):
    """What a file holds, a `Shown`. All of it is read, and compared with its checksum."""
    with container.opened(path) as found:
        if is_state_dict(found.entries):
            return file.shown(path)
        found.tensors()
    about, checksum = found.about, found.checksum
    layers, beside = by_layers(about, {k: one.shape for k, one in found.entries.items()})
    seal = f"SHA-256 {checksum}: right" if checksum else "no checksum"
    lines = [*position(about), seal]
    return Shown(kind_of(about), layers, lines, about.get("dtype"), beside)


def kind_of(about):
    """What the file is, in words."""
    kind = about.get("kind")
    return KINDS.get(kind if isinstance(kind, str) else None, "tensors of another program")


def by_layers(about, shapes):
    """The tensors of each layer, and those of none."""
    prefixes = dict.fromkeys(name.rpartition("/")[0] for name in shapes if "/" in name)
    names, left = strings(about.get("layers")) or [*prefixes], dict(shapes)
    layers = []
    for layer, kind in zip(names, classes_of(about, len(names)), strict=True):
        own = [name for name in left if name.startswith(f"{layer}/")]
        layers.append((layer, kind, [(name[len(layer) + 1 :], left.pop(name)) for name in own]))
    beside = [(OF_THE_WHOLE.get(name, ""), None, [(name, shape)]) for name, shape in left.items()]
    return layers, beside


def strings(value):
    """The words of a list, if it is one."""
    return [one for one in value if isinstance(one, str)] if isinstance(value, list) else []


def classes_of(about, count):
    """The class of each of so many layers, as far as the file says it."""
    layers = within(about, "model", "config", "layers")
    said = layers if isinstance(layers, list) else []
    names = [within(one, "class_name") for one in said[:count]]
    return [*names, *[None] * (count - len(names))]


def within(value, *names):
    """What stands in dicts within each other under these names, or None."""
    for name in names:
        value = value.get(name) if isinstance(value, dict) else None
    return value


def position(about):
    """How far its training has come, a line each."""
    compiled, numbers = about.get("compile"), about.get("position")
    if isinstance(compiled, dict):
        yield f"loss {what(compiled.get('loss'))}, optimiser {what(compiled.get('optimizer'))}"
        yield f"updates so far: {word(within(numbers, 'counts', 'iteration'))}"
    if isinstance(numbers, dict):
        found = {name: word(within(numbers, name)) for name in ("seed", "orders", "rows")}
        rows = f", rows of the state: {found['rows']}" if found["rows"] else ""
        yield f"seed {found['seed']}, epochs begun so far: {found['orders']}{rows}"


def what(value):
    """The name of a loss or an optimiser."""
    for name in ("class_name", "reference"):
        value = within(value, name) or value
    return word(value)
