"""Whole models as Keras describes them: a Sequential, or a Functional model that is a chain."""

from ...engine.structure import shapes_of
from ...files.refusals import named
from ...layers import LayerNormalization
from ...saving.description import assembled
from ...surface.errors import mismatch
from .graphs import chain_of
from .layers import layer_of, said_of_layer
from .settings import class_and_config, said_of

SHAPES = "batch_shape", "batch_input_shape"  # of an input: Keras 3's name, and that of before


def model_of(kind, said):
    """A new model of a kind, not compiled, from what stands for one of Keras'.

    Parameters
    ----------
    kind : class
        Such as `Sequential`.
    said : dict
        ``{"class_name": "Sequential", "config": ...}``, as of Keras 2.3 or later.

    Raises
    ------
    ValueError
        If it is no chain, or a layer or a setting of it is not there; names it.
    """
    shape, entries = entries_of(said)
    layers = [layer_of(one) for one in entries]
    need_last(entries, layers, shape)
    name = class_and_config(said, "The model")[1].get("name", "sequential")
    return assembled(kind, name, None, shape, layers)


def entries_of(said):
    """The shape of a batch, None where nothing says it; and what stands for each layer."""
    name, config = class_and_config(said, "The model")
    found = config.get("layers")
    if not isinstance(found, list) or not found:
        raise mismatch("The model has no layers.", "a list of layers", named(found))
    if name == "Sequential":
        return without_input(found, config)
    if name in ("Functional", "Model"):
        return without_input(chain_of(config, found), config)
    raise mismatch(
        "This is no model of Keras that can be read.",
        "Sequential, or a Functional that is a chain of layers",
        named(name),
    )


def without_input(entries, config):
    """The shape of a batch, None where nothing says it; and the layers behind the input."""
    shape, behind = config.get("build_input_shape"), []
    for entry in entries:
        name, own = class_and_config(entry, "A layer")
        given = next((own[k] for k in SHAPES if own.get(k) is not None), None)
        if given is not None and not behind:
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
    return shape, behind


def need_last(entries, layers, shape):
    """Refuse a normalisation along the steps: axis 1, where a sample has features behind it."""
    along = [
        layer
        for entry, layer in zip(entries, layers, strict=True)
        if isinstance(layer, LayerNormalization) and entry["config"].get("axis") in (1, [1])
    ]
    inputs = shapes_of(shape, layers)[1] if along and shape is not None else {}
    for layer in along:
        if len(inputs.get(layer, "??")) != 1:
            raise mismatch(
                f"Layer {layer.name!r} normalises the steps.", "the last axis, axis=-1", "axis=1"
            )


def said_of_model(model):
    """What stands for a model, as Keras 3 has a Sequential.

    Raises
    ------
    ValueError
        If Keras has no such layers, or the batch of a stateful model is not known.
    """
    model.need_built("A file of Keras")
    dtype, shape = model.dtype.name, batch_shape_of(model)
    given = {"batch_shape": shape, "dtype": dtype, "name": "input_layer"}
    front = said_of("InputLayer", "keras.layers", given)
    layers = [said_of_layer(layer, layer.name, dtype) for layer in model.layers]
    config = {
        "name": model.name,
        "trainable": True,
        "dtype": dtype,
        "layers": [front, *layers],
        "build_input_shape": shape,
    }
    return said_of("Sequential", "keras", config) | {"build_config": {"input_shape": shape}}


def batch_shape_of(model):
    """The shape of a batch, of a stateful model with its size: Keras makes the state of it."""
    size, *sample = model.batch_input_shape
    if any(getattr(layer, "stateful", False) for layer in model.layers):
        size = size or model.state.rows
        if size is None:
            raise mismatch(
                "Keras needs to know the batch size of a stateful model.",
                "batch_input_shape=(samples, steps, features) in the first layer",
                f"batch_input_shape={model.batch_input_shape}",
            )
    return [size, *sample]
