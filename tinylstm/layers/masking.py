"""The Masking layer; its arithmetic is in ``kernels/layers/masking.py``."""

from __future__ import annotations

from typing import Unpack

from ..kernels.layers.masking import (
    blank_backward,
    blank_forward,
    masking_backward,
    masking_forward,
)
from ..surface.arguments import finite_number
from ..surface.types import Shape
from .layer import Layer, LayerArguments, need_steps


class Masking(Layer):
    """Mask the steps all of whose features are one value: the layers above hold their state there.

    A held step leaves the state as it is, repeats the last output, and lets the gradient pass. Any
    step of a sample may be masked, and all of them. Where outputs have steps, the masked ones count
    for nothing in the loss and the metrics.

    Parameters
    ----------
    mask_value : float, default=0
        Compared in the model's dtype.
    **kwargs
        Of `Layer`.

    Raises
    ------
    ValueError
        If mask_value is not a finite number.

    Source: as ``keras.layers.Masking``.
    """

    kernels = (masking_forward, masking_backward)
    masks = streams = each_row = True

    def __init__(self, mask_value: float = 0.0, **kwargs: Unpack[LayerArguments]) -> None:
        super().__init__(**kwargs)
        self.mask_value = finite_number(mask_value, "mask_value")
        self.fields = {"option": (self.mask_value, 0, 0, 0)}

    def output_shape(self, input_shape: Shape) -> Shape:
        need_steps(self, input_shape)
        return input_shape


class Blank(Layer):
    """Zeros at the masked steps of what a recurrent layer puts out."""

    kernels = (blank_forward, blank_backward)
    each_step = True

    def __init__(self, go_backwards, **kwargs):
        super().__init__(**kwargs)
        self.go_backwards = go_backwards  # whether what it reads does
        self.fields = {"go_backwards": int(go_backwards)}
