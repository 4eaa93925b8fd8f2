"""What a model is made of, as JSON knows it: its layers, its optimiser, loss and metrics."""

from .. import losses, metrics
from ..engine.structure import Input
from ..layers import Layer
from ..settings import float_dtype
from ..surface.arguments import checked_name
from ..surface.errors import mismatch
from ..surface.plain import Instead, meant, plain
from ..whole import at_once, sets


def config_of(model):
    """See `Sequential.get_config`."""
    shape = model.batch_input_shape
    return {
        "name": model.name,
        "dtype": None if model.dtype is None else model.dtype.name,
        "batch_input_shape": None if shape is None else list(shape),
        "layers": [described(layer) for layer in model.layers],
    }


def described(layer):
    """What stands for a layer, with its name and whether it is trained: its constructor may take
    neither."""
    found = plain(layer)
    missing = {"name": layer.name, "trainable": layer.trainable}
    return Instead(found, **{k: v for k, v in missing.items() if k not in found["config"]})


def model_of(kind, config):
    """See `Sequential.from_config`."""
    config = need(config, dict, "A model's config")
    layers = [
        layer_of(need(found, dict, "A layer's description"))
        for found in need(config.get("layers"), list, "The layers of a model")
    ]
    dtype, shape = config.get("dtype"), config.get("batch_input_shape")
    dtype = None if dtype is None else float_dtype(dtype)
    return assembled(kind, config.get("name", "sequential"), dtype, shape, layers)


def assembled(kind, name, dtype, batch_input_shape, layers):
    """A new model of layers, that knows its dtype and the shape of what it reads, or not yet."""
    model = kind(name=checked_name(name, "A model"))
    if dtype is not None:
        at_once(sets(model, _dtype=dtype))
    if batch_input_shape is not None:
        model.add(Input(batch_shape=batch_input_shape))
    for layer in layers:
        model.add(layer)
    return model


def layer_of(found):
    """The layer that a description stands for."""
    layer = meant(found)
    if isinstance(layer, Layer):
        if "name" in found:
            layer.name = checked_name(found["name"], "A layer")
        if "trainable" in found:
            layer.trainable = found["trainable"]
    return layer


def need(value, kind, what):
    """The value, of a type that JSON has."""
    if not isinstance(value, kind):
        raise mismatch(f"{what}: that is none.", f"a {kind.__name__}", repr(value))
    return value


def compiled_with(model):
    """What stands for the optimiser, the loss and the metrics; None before `compile`."""
    if model.loss is None:
        return None
    return {
        "optimizer": plain(model.optimizer),
        "loss": losses.described(model.loss),
        "metrics": [metrics.described(metric) for metric in model.chosen_metrics],
    }


def compile_as(model, found):
    """Compile a model with what was described."""
    found = need(found, dict, "compile of a model")
    given = {name: meant(found.get(name)) for name in ("optimizer", "loss", "metrics")}
    model.compile(**given)
