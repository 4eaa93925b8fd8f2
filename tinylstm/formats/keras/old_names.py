"""What parameters are called in files of Keras 2: ``lstm/lstm_cell/kernel:0``."""

from ...layers.rnn import RNN
from ...surface.errors import snake_case


def names_of(layer):
    """{(part, name): name in Keras} of the parameters of a layer, in their order."""
    return {
        (part, name): "/".join([layer.name, *inside(layer, part), f"{name}:0"])
        for part in layer.parts()
        for name in part.tensors()
    }


def inside(layer, part):
    """Where a part of a layer has its parameters, below the layer's own name."""
    kind = snake_case(type(part).__name__)
    direction = [f"{part.prefix}{kind}"] if part.prefix else []
    return [*direction, *([f"{kind}_cell"] if isinstance(part, RNN) else [])]


def trained_names(model):
    """Those of all parameters that are trained, in their order."""
    parts = model.network.parameters.trained_parts()
    return [
        name
        for layer in model.layers
        for (part, _), name in names_of(layer).items()
        if part in parts
    ]
