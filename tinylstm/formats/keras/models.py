"""Whole models as Keras describes them: a Sequential, or a Functional model that is a chain."""

from ...engine.structure import shapes_of
from ...layers import LayerNormalization
from ...saving.description import assembled
from ...surface.errors import mismatch
from .entries import entries_of
from .layers import layer_of, said_of_layer
from .settings import class_and_config, said_of


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
    layers = [layer_of(one.said) for one in entries]
    need_last(entries, layers, shape)
    name = class_and_config(said, "The model")[1].get("name", "sequential")
    return assembled(kind, name, None, shape, layers)


def need_last(entries, layers, shape):
    """Refuse a normalisation along the steps: axis 1, where a sample has features behind it."""
    along = [
        layer
        for entry, layer in zip(entries, layers, strict=True)
        if isinstance(layer, LayerNormalization) and entry.said["config"].get("axis") in (1, [1])
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
