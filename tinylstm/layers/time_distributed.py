"""TimeDistributed: a layer applied to every step."""

from __future__ import annotations

from typing import Unpack

from ..surface.errors import mismatch
from ..surface.types import Shape
from .composite import Composite
from .layer import Layer, LayerArguments, need_steps


class TimeDistributed(Composite):
    """The layer at every step of (steps, features): the same as the layer itself, which reads the
    last axis.

    Parameters
    ----------
    layer : Dense, Activation, Dropout, or one of your own with ``each_step = True``
    **kwargs
        Of `Layer`.

    Raises
    ------
    TypeError
        If it is another layer, or belongs to a model.

    Source: as ``keras.layers.TimeDistributed``.
    """

    made_of = ("layer",)

    def __init__(self, layer: Layer, **kwargs: Unpack[LayerArguments]) -> None:
        super().__init__(**kwargs)
        if not isinstance(layer, Layer) or not layer.each_step or layer.is_owned():
            raise mismatch(
                "TimeDistributed applies a layer to each step.",
                "a new Dense, Activation or Dropout, or a layer of your own with each_step = True",
                repr(layer),
                TypeError,
            )
        self.wrap(layer)
        self.layer = layer

    def parts(self) -> tuple[Layer, ...]:
        return self.layer.parts()

    def output_shape(self, input_shape: Shape) -> Shape:
        need_steps(self, input_shape)
        return super().output_shape(input_shape)
