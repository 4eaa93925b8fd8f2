"""Layer normalisation; its arithmetic is in ``kernels/layers/normalization.py``."""

from __future__ import annotations

from typing import Any, Unpack

from .. import constraints, initializers, regularizers
from ..constraints import Constraint, ConstraintLike
from ..initializers import InitializerLike
from ..kernels.layers.normalization import (
    ARRAYS,
    normalization_backward,
    normalization_forward,
)
from ..regularizers import Regularizer, RegularizerLike
from ..surface.arguments import choice, finite_number
from ..surface.errors import mismatch
from .layer import Layer, LayerArguments


class LayerNormalization(Layer):
    """The features of each step with mean 0 and variance 1, then a gain and a shift.

    ::

        m = mean x       v = mean (x - m)^2       y = gamma (x - m) / sqrt(v + epsilon) + beta

    Parameters
    ----------
    axis : int, default=-1
        The features; no other one is there.
    epsilon : float, default=1e-3
        Above zero.
    center, scale : bool, default=True
        Whether there are a beta and a gamma.
    beta_initializer, gamma_initializer : str or callable, default="zeros" and "ones"
        Of beta (K) and gamma (K).
    beta_regularizer, gamma_regularizer : str or Regularizer, optional
        A penalty on beta or gamma: see `tinylstm.regularizers`.
    beta_constraint, gamma_constraint : str or Constraint, optional
        What beta or gamma are after each update: see `tinylstm.constraints`.
    **kwargs
        Of `Layer`.

    Raises
    ------
    ValueError
        If axis is another one, or epsilon is not above zero.

    Source: Ba, Kiros and Hinton 2016; as ``keras.layers.LayerNormalization``.
    """

    kernels = (normalization_forward, normalization_backward)
    each_step = True

    def __init__(
        self,
        axis: int = -1,
        epsilon: float = 1e-3,
        center: bool = True,
        scale: bool = True,
        beta_initializer: InitializerLike = "zeros",
        gamma_initializer: InitializerLike = "ones",
        beta_regularizer: RegularizerLike = None,
        gamma_regularizer: RegularizerLike = None,
        beta_constraint: ConstraintLike = None,
        gamma_constraint: ConstraintLike = None,
        **kwargs: Unpack[LayerArguments],
    ) -> None:
        super().__init__(**kwargs)
        if axis != -1:
            raise mismatch("The features are normalised.", "axis=-1, the last one", repr(axis))
        self.axis, self.epsilon = -1, finite_number(epsilon, "epsilon", 0)
        if not self.epsilon:
            raise mismatch("epsilon keeps off a division by zero.", "above 0", repr(epsilon))
        self.center, self.scale = choice(center, "center"), choice(scale, "scale")
        self.beta_initializer = initializers.get(beta_initializer)
        self.gamma_initializer = initializers.get(gamma_initializer)
        self.beta_regularizer = regularizers.get(beta_regularizer)
        self.gamma_regularizer = regularizers.get(gamma_regularizer)
        self.beta_constraint = constraints.get(beta_constraint)
        self.gamma_constraint = constraints.get(gamma_constraint)
        self.fields = {"option": (self.epsilon, int(self.scale), int(self.center), 0)}

    @property
    def regularizers(self) -> dict[str, Regularizer | None]:
        return {"gamma": self.gamma_regularizer, "beta": self.beta_regularizer}

    @property
    def constraints(self) -> dict[str, Constraint | None]:
        return {"gamma": self.gamma_constraint, "beta": self.beta_constraint}

    def tensors(self) -> dict[str, Any]:
        features = self.sample_shape[-1:]
        gamma = {"gamma": (features, self.gamma_initializer)} if self.scale else {}
        return gamma | ({"beta": (features, self.beta_initializer)} if self.center else {})

    def buffers(self, steps: int, rows: int, traced: bool = False) -> dict[str, Any]:
        return ARRAYS.shapes(rows=steps * rows)
