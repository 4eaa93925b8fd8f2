"""The Dense layer; its arithmetic is in ``kernels/layers/dense.py``."""

from __future__ import annotations

from typing import Any, Unpack

from .. import constraints, initializers, regularizers
from ..constraints import Constraint, ConstraintLike
from ..initializers import InitializerLike
from ..kernels.layers.dense import dense_backward, dense_forward
from ..regularizers import Regularizer, RegularizerLike
from ..surface.arguments import choice, whole_number
from ..surface.types import Shape
from .activation import Activation, ActivationLike
from .layer import Layer, LayerArguments


class Dense(Layer):
    """y = activation(x W + b) on the last axis, of every step where the input has steps.

    Parameters
    ----------
    units : int
        K.
    activation : str or Elementwise, optional
        linear (the default), or another one of `Activation`.
    use_bias : bool, default=True
    kernel_initializer, bias_initializer : str or callable
        Of W (D, K) and b (K).
    kernel_regularizer, bias_regularizer : str or Regularizer, optional
        A penalty on W or b: see `tinylstm.regularizers`.
    kernel_constraint, bias_constraint : str or Constraint, optional
        What W or b are after each update: see `tinylstm.constraints`.
    **kwargs
        Of `Layer`.
    """

    kernels = (dense_forward, dense_backward)
    each_step = each_column = True
    made_of = ("tail",)

    def __init__(
        self,
        units: int,
        activation: ActivationLike = None,
        use_bias: bool = True,
        kernel_initializer: InitializerLike = "glorot_uniform",
        bias_initializer: InitializerLike = "zeros",
        kernel_regularizer: RegularizerLike = None,
        bias_regularizer: RegularizerLike = None,
        kernel_constraint: ConstraintLike = None,
        bias_constraint: ConstraintLike = None,
        **kwargs: Unpack[LayerArguments],
    ) -> None:
        super().__init__(**kwargs)
        self.units = whole_number(units, "units")
        self.activation = "linear" if activation is None else activation
        tail = Activation(self.activation)
        self.tail = None if self.activation == "linear" else tail
        self.use_bias = choice(use_bias, "use_bias")
        self.fields = {"use_bias": int(self.use_bias)}
        self.kernel_initializer = initializers.get(kernel_initializer)
        self.bias_initializer = initializers.get(bias_initializer)
        self.kernel_regularizer = regularizers.get(kernel_regularizer)
        self.bias_regularizer = regularizers.get(bias_regularizer)
        self.kernel_constraint = constraints.get(kernel_constraint)
        self.bias_constraint = constraints.get(bias_constraint)

    @property
    def regularizers(self) -> dict[str, Regularizer | None]:
        return {"kernel": self.kernel_regularizer, "bias": self.bias_regularizer}

    @property
    def constraints(self) -> dict[str, Constraint | None]:
        return {"kernel": self.kernel_constraint, "bias": self.bias_constraint}

    def parts(self) -> tuple[Layer, ...]:
        return (self,) if self.tail is None else (self, self.tail)

    def output_shape(self, input_shape: Shape) -> Shape:
        return (*input_shape[:-1], self.units)

    def products(self, steps: int, rows: int) -> tuple[tuple[int, int, int], ...]:
        return ((steps * rows, self.sample_shape[-1], self.units),)

    def tensors(self) -> dict[str, Any]:
        tensors: dict[str, Any] = {
            "kernel": ((self.sample_shape[-1], self.units), self.kernel_initializer)
        }
        if self.use_bias:
            tensors["bias"] = ((self.units,), self.bias_initializer)
        return tensors
