"""What stands for each layer of a model of Keras: those of models within the model too.

A model in the place of a layer is a chain itself, so its layers stand in the chain of the outer
one, masks included. Where a file has their variables, its classes say: see `places`.
"""

from typing import Any, NamedTuple

from ...files.refusals import named
from ...surface.errors import mismatch
from .cells import layers_of_cells
from .graphs import MODELS, chain_of
from .settings import class_and_config

SHAPES = "batch_shape", "batch_input_shape"  # of an input: Keras 3's name, and that of before


class Entry(NamedTuple):
    """What stands for a layer.

    Attributes
    ----------
    said : dict
        Its class and config.
    path : tuple of str
        The classes of the models within the model that it is in, then its own; of several cells
        of an `RNN` the class of each behind that.
    place : int
        In the outermost model, of the layer or of the model that it is in.
    """

    said: dict[str, Any]
    path: tuple[str, ...]
    place: int

    @property
    def name(self):
        """The layer's own, None where it has none."""
        return self.said["config"].get("name")


def entries_of(said):
    """The shape of a batch, None where nothing says it; and an `Entry` for each layer.

    Raises
    ------
    ValueError
        If the model, or one within it, is no chain of layers.
    """
    shape, layers = layers_said(said)
    found = []
    for place, one in enumerate(layers):
        kind, _ = class_and_config(one, "A layer")
        if kind not in MODELS:
            found.append([Entry(layer, path, place) for layer, path in layers_of_cells(one)])
            continue
        of_inner, entries = entries_of(one)
        shape = of_inner if shape is None and place == 0 else shape
        found.append([Entry(inner.said, (kind, *inner.path), place) for inner in entries])
    return shape, with_own_names(found, layers)


def with_own_names(found, layers):
    """The entries of all layers, those of a model within the model renamed where their names stand
    twice: encoder_lstm for the lstm of encoder."""
    are_models = [one["class_name"] in MODELS for one in layers]
    alone = [some for some, is_model in zip(found, are_models, strict=True) if not is_model]
    taken = {entry.name for some in alone for entry in some}
    entries = []
    for some, model, is_model in zip(found, layers, are_models, strict=True):
        for entry in some:
            name = entry.name
            while is_model and name in taken:
                name = f"{class_and_config(model, 'A model')[1].get('name', 'model')}_{name}"
            taken.add(name)
            renamed = entry.said | {"config": entry.said["config"] | {"name": name}}
            entries.append(entry if name == entry.name else entry._replace(said=renamed))
    return entries


def layers_said(said):
    """The shape of a batch, None where nothing says it; and what stands for each layer or model
    behind the input, in the order of the chain."""
    name, config = class_and_config(said, "The model")
    found = config.get("layers")
    if not isinstance(found, list) or not found:
        raise mismatch("The model has no layers.", "a list of layers", named(found))
    if name == "Sequential":
        return without_input(found, config)
    if name in MODELS:
        return without_input(chain_of(config, found), config)
    raise mismatch(
        "This is no model of Keras that can be read.",
        "Sequential, or a Functional that is a chain of layers",
        named(name),
    )


def without_input(entries, config):
    """The shape of a batch, None where nothing says it; and the layers behind the input."""
    shape, behind = None, []
    for entry in entries:
        name, own = class_and_config(entry, "A layer")
        given = next((own[k] for k in SHAPES if own.get(k) is not None), None)
        if shape is None and not behind:  # an Embedding of Keras 2 has one too, with free steps
            shape = given
        if name != "InputLayer":
            behind.append(entry | {"config": {k: v for k, v in own.items() if k not in SHAPES}})
        elif behind or own.get("sparse") or own.get("ragged"):
            raise mismatch(
                "The model has an input that tinylstm lacks.",
                "one input of dense arrays, in front of all layers",
                named(own),
            )
    if not behind:
        raise mismatch("The model has no layers.", "a layer behind the input", "an input alone")
    return config.get("build_input_shape") if shape is None else shape, behind
