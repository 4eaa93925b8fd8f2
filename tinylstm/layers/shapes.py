"""RepeatVector, Flatten and Reshape; their arithmetic is in ``kernels/layers/shapes.py``."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Unpack

from ..kernels.layers.shapes import (
    repeat_backward,
    repeat_forward,
    reshape_backward,
    reshape_forward,
)
from ..surface.arguments import shape_of, whole_number
from ..surface.errors import mismatch
from ..surface.types import Shape
from .layer import Layer, LayerArguments


class RepeatVector(Layer):
    """The same vector at each of n steps: (features,) becomes (n, features).

    Parameters
    ----------
    n : int
    **kwargs
        Of `Layer`.

    Raises
    ------
    ValueError
        If n is not a positive whole number, or the input has steps already.
    """

    kernels = (repeat_forward, repeat_backward)
    each_row = True
    keeps_mask = False

    def __init__(self, n: int, **kwargs: Unpack[LayerArguments]) -> None:
        super().__init__(**kwargs)
        self.n = whole_number(n, "n")

    def output_shape(self, input_shape: Shape) -> Shape:
        if len(input_shape) != 1:
            raise mismatch(
                f"Layer {self.name!r} repeats vectors.",
                "samples of shape (features,)",
                f"samples of shape {tuple(input_shape)}",
            )
        return (self.n, input_shape[0])


class Reshape(Layer):
    """The same numbers in another shape, in their order.

    Parameters
    ----------
    target_shape : tuple of int
        (steps, features) or (features,) of a sample; one of them may be -1.
    **kwargs
        Of `Layer`.

    Raises
    ------
    ValueError
        If the numbers do not fit the shape, or the steps of a sample are not known.
    """

    kernels = (reshape_forward, reshape_backward)
    each_row = True
    keeps_mask = False

    def __init__(self, target_shape: Sequence[int], **kwargs: Unpack[LayerArguments]) -> None:
        super().__init__(**kwargs)
        what = "Each length of target_shape"
        lengths = shape_of(target_shape, "target_shape")
        self.target_shape = tuple(whole_number(n, what, least=-1) for n in lengths)
        lengths = [n for n in self.target_shape if n != -1]
        if len(self.target_shape) not in (1, 2) or len(lengths) < len(self.target_shape) - 1:
            raise mismatch(
                "A sample has steps and features, or features alone.",
                "(steps, features) or (features,), at most one of them -1",
                self.target_shape,
            )
        for length in lengths:
            whole_number(length, what)

    def output_shape(self, input_shape: Shape) -> Shape:
        if None in input_shape:
            raise mismatch(
                f"Layer {self.name!r} needs to know the numbers of a sample.",
                "input_shape with steps",
                f"samples of shape {tuple(input_shape)}",
            )
        count = math.prod(input_shape)
        known = math.prod(n for n in self.target_shape if n != -1)
        shape = tuple(count // known if n == -1 else n for n in self.target_shape)
        if math.prod(shape) != count:
            raise mismatch(
                f"Layer {self.name!r} keeps all numbers of a sample.",
                f"a target_shape of {count} numbers",
                f"samples of shape {tuple(input_shape)}, target_shape {self.target_shape}",
            )
        return shape


class Flatten(Reshape):
    """All steps of a sample side by side: (steps, features) becomes (steps * features,).

    Parameters
    ----------
    **kwargs
        Of `Layer`.

    Raises
    ------
    ValueError
        If the steps of a sample are not known.
    """

    fixed = ("target_shape",)

    def __init__(self, **kwargs: Unpack[LayerArguments]) -> None:
        super().__init__((-1,), **kwargs)
