"""Files of this package itself: safetensors, whose header says what the tensors are."""

from itertools import chain, repeat

from ..files import container
from ..files.header import BFLOAT16
from ..files.refusals import named, word
from ..files.weights import VERSIONS, WHOLE, is_state_dict, need_version, save_weights, tensors_of
from ..saving.arrays import MOMENTS, STATE
from ..saving.model_file import load, save
from ..surface.errors import mismatch
from . import Shown, line_of_compiled, matching
from .torch import file

__all__ = ["load", "load_weights", "save", "save_weights", "shown"]
KINDS = {"tinylstm model": "a model", "tinylstm weights": "weights of a model"}
OF_THE_WHOLE = {MOMENTS: "(of the optimiser)", STATE: "(carried)"}
FLOATS = ("F16", BFLOAT16, "F32", "F64")


def load_weights(model, path, by_name, skip_mismatch):
    """Put the weights of a file into a model; no tensor is read before it is known what fits.

    Where all are called as the model's are, they are those. Otherwise layers go by their order,
    which files of this package say.
    """
    with container.opened(path) as found:
        weights = weights_in(found, path)
        order = layers_said(found, path)
        layers = [(name, None, own) for name, own in by_layers(weights, order).items() if own]
        in_order = bool(order) and weights.keys() != tensors_of(model).keys()
        pairs = matching.matched(model, layers, path, by_name, skip_mismatch, in_order)
        tensors = found.tensors()
    matching.put(model, [one._replace(values=tensors[one.theirs]) for one in pairs], path)


def weights_in(found, path):
    """The entries of a file's tensors that are weights, by their names.

    Raises
    ------
    ValueError
        If they are called as those of PyTorch, or one of them holds no floats.
    """
    if is_state_dict(found.entries):
        raise mismatch(
            f"The weights in {path} are called as those of PyTorch.",
            "tinylstm.from_torch(path), or with model=model",
            ", ".join([*map(word, found.entries)][:2]),
        )
    for name, entry in found.entries.items():
        if entry.dtype not in FLOATS:
            sentence = f"Tensor {named(name)} in {path} holds no weights."
            raise mismatch(sentence, f"one of {', '.join(FLOATS)}", entry.dtype)
    whole = found.about.get("kind") == WHOLE  # its moments and its state are of no layer
    return {name: one for name, one in found.entries.items() if not whole or "/" in name}


def layers_said(found, path):
    """The names of a file's layers in their order; none, where another program wrote it.

    Raises
    ------
    ValueError
        If a later version wrote the file, or it does not say them.
    """
    kind, layers = found.about.get("kind"), found.about.get("layers")
    if not isinstance(kind, str) or kind not in VERSIONS:
        return []
    need_version(found, path)
    if not isinstance(layers, list) or layers != strings(layers):
        raise mismatch(f"{path} does not say its layers.", "a list of names", named(layers))
    return layers


def shown(path):
    """What a file holds, a `Shown`. All of it is read, and compared with its checksum."""
    with container.opened(path) as found:
        if is_state_dict(found.entries):
            return file.shown(path)
        found.tensors()
    about, checksum = found.about, found.checksum
    names = strings(about.get("layers"))
    layers = by_layers({name: one.shape for name, one in found.entries.items()}, names)
    beside = layers.pop(None, {})
    seal = f"SHA-256 {checksum}: right" if checksum else "no checksum"
    lines = [*position(about), seal]
    rows = [
        (layer, kind, [*shapes.items()])
        for (layer, shapes), kind in zip(layers.items(), classes_in(about), strict=False)
    ]
    beside = [(OF_THE_WHOLE.get(name, ""), None, [(name, shape)]) for name, shape in beside.items()]
    return Shown(kind_of(about), rows, lines, about.get("dtype"), beside)


def kind_of(about):
    """What the file is, in words."""
    kind = about.get("kind")
    return KINDS.get(kind if isinstance(kind, str) else None, "tensors of another program")


def by_layers(tensors, order):
    """{layer: {name in it: tensor}}, those of an order first; under None what is of no layer."""
    found = {layer: {} for layer in order}
    for name, tensor in tensors.items():
        layer, stroke, inner = name.rpartition("/")
        found.setdefault(layer if stroke else None, {})[inner] = tensor
    return found


def strings(value):
    """The words of a list, if it is one."""
    return [one for one in value if isinstance(one, str)] if isinstance(value, list) else []


def classes_in(about):
    """The class of each layer, as far as the file says it; then None, without end."""
    layers = within(about, "model", "config", "layers")
    said = layers if isinstance(layers, list) else []
    return chain((within(one, "class_name") for one in said), repeat(None))


def within(value, *names):
    """What stands in dicts within each other under these names, or None."""
    for name in names:
        value = value.get(name) if isinstance(value, dict) else None
    return value


def position(about):
    """How far its training has come, a line each."""
    compiled, numbers = about.get("compile"), about.get("position")
    if isinstance(compiled, dict):
        yield line_of_compiled(compiled.get("loss"), compiled.get("optimizer"))
        yield f"updates so far: {word(within(numbers, 'counts', 'iteration'))}"
    if isinstance(numbers, dict):
        found = {name: word(within(numbers, name)) for name in ("seed", "orders", "rows")}
        rows = f", rows of the state: {found['rows']}" if found["rows"] else ""
        yield f"seed {found['seed']}, epochs begun so far: {found['orders']}{rows}"
