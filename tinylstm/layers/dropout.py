"""Dropout, of numbers or of whole features; its arithmetic is in ``kernels/layers/dropout.py``."""

from __future__ import annotations

from numbers import Real
from typing import Any, Unpack

from ..kernels.layers.dropout import (
    ARRAYS,
    dropout_backward,
    dropout_forward,
    feature_dropout_backward,
    feature_dropout_forward,
)
from ..surface.errors import mismatch
from ..surface.types import Shape
from .layer import Layer, LayerArguments, need_steps


class Dropout(Layer):
    """Drop elements with a probability in training, and scale the others by 1 / (1 - rate).

    Parameters
    ----------
    rate : float
        Probability, in [0, 1).
    **kwargs
        Of `Layer`.

    Raises
    ------
    ValueError
        If the rate is not in [0, 1).

    Source: Srivastava et al. 2014, in the inverted form, as ``keras.layers.Dropout``.
    """

    kernels = (dropout_forward, dropout_backward)
    each_step = True

    def __init__(self, rate: float, **kwargs: Unpack[LayerArguments]) -> None:
        super().__init__(**kwargs)
        self.rate = checked_dropout(rate)
        self.fields = {"rate": self.rate}

    def buffers(self, steps: int, rows: int, traced: bool = False) -> dict[str, Any]:
        return ARRAYS.shapes(steps=steps, rows=rows, features=self.sample_shape[-1])


class SpatialDropout1D(Layer):
    """Drop features with a probability in training, each at all steps of a sample alike; the others
    are scaled by 1 / (1 - rate).

    Parameters
    ----------
    rate : float
        Probability, in [0, 1).
    **kwargs
        Of `Layer`.

    Raises
    ------
    ValueError
        If the rate is not in [0, 1), or the input has no steps.

    Source: Tompson et al. 2015, as ``keras.layers.SpatialDropout1D``.
    """

    kernels = (feature_dropout_forward, feature_dropout_backward)
    each_row = streams = True

    def __init__(self, rate: float, **kwargs: Unpack[LayerArguments]) -> None:
        super().__init__(**kwargs)
        self.rate = checked_dropout(rate)
        self.fields = {"rate": self.rate}

    def output_shape(self, input_shape: Shape) -> Shape:
        need_steps(self, input_shape)
        return input_shape

    def buffers(self, steps: int, rows: int, traced: bool = False) -> dict[str, Shape | str]:
        return ARRAYS.shapes(steps=steps, rows=rows, features=self.sample_shape[-1])


def checked_dropout(rate):
    """A rate of dropout as a float."""
    if not isinstance(rate, Real) or not 0 <= rate < 1:
        raise mismatch("A dropout rate is a probability.", "0 <= rate < 1", repr(rate))
    return float(rate)
