"""The shape of a model: what comes in, what each layer reads, what the layers are called."""

from __future__ import annotations

from ..layers.composite import flow
from ..layers.declared import shape_behind
from ..surface.arguments import shape_of, whole_number
from ..surface.callables import Signature
from ..surface.described import Asked
from ..surface.errors import mismatch, snake_case
from ..surface.types import ShapeLike


class Input(metaclass=Asked):
    """Shape of the samples, as the first entry of a `Sequential`.

    Parameters
    ----------
    shape : tuple of int, optional
        (steps, features) or (features,); steps may be None.
    batch_shape : tuple of int, optional
        The same with the batch size in front.
    """

    __signature__ = Signature()

    def __init__(
        self, shape: ShapeLike | None = None, batch_shape: ShapeLike | None = None
    ) -> None:
        if shape is not None:
            batch_shape = (None, *shape_of(shape, "shape"))
        self.batch_input_shape = batch_shape


def free_name(kind, layers):
    """A name for a layer of a class that none of the layers has: lstm, lstm_1 ..."""
    name, taken = snake_case(kind.__name__), [layer.name for layer in layers]
    number = sum(1 for other in taken if other == name or other.startswith(f"{name}_"))
    while (candidate := f"{name}_{number}" if number else name) in taken:
        number += 1
    return candidate


def shapes_of(batch_input_shape, layers):
    """The whole shape, checked; and what layers and parts that fit read, {part: input shape}."""
    batch_shape = whole_shape(batch_input_shape, layers[0].reads_numbers)
    numbers = layers[0].reads_numbers
    found, shape = {}, (batch_shape[1], 1) if numbers else batch_shape[1:]
    for layer in layers:
        if layer.reads_numbers and layer is not layers[0]:
            raise mismatch(
                f"Layer {layer.name!r} reads the whole numbers of the data.",
                "the first place in the model",
                f"a place behind layer {layers[0].name!r}",
            )
        found[layer] = shape
        shapes, _ = flow(layer.parts(), shape, shape_behind)
        found |= zip(layer.parts(), shapes, strict=True)
        shape = shape_behind(layer, shape)
    return batch_shape, found


def whole_shape(lengths, numbers):
    """The shape of a batch of samples, checked; numbers: a sample is a row of them."""
    lengths = shape_of(lengths, "An input shape")
    if numbers and len(lengths) != 2:
        raise mismatch("A sample is a row of numbers.", "(batch, steps)", tuple(lengths))
    if len(lengths) not in (2, 3) or (lengths[-1] is None and not numbers):
        raise mismatch(
            "A sample has steps and features, or features alone.",
            "(batch, steps, features) or (batch, features); batch and steps may be None",
            tuple(lengths),
        )
    what = "Each length of an input shape"
    return tuple(None if n is None else whole_number(n, what) for n in lengths)


def name_whole(layer, name):
    """Tell a layer its name, and its parts theirs: bidirectional/forward_lstm."""
    layer._settle(name=name)
    for part in layer.parts():
        if part is not layer:
            prefix = layer.prefix_of(part)
            part._settle(prefix=prefix, name=f"{name}/{prefix}{snake_case(type(part).__name__)}")


def chain_of(model):
    """The parts of all layers: the rows of a program's table."""
    return [part for layer in model.layers for part in layer.parts()]
