"""The Embedding layer; its arithmetic is in ``kernels/layers/embedding.py``."""

from __future__ import annotations

from typing import Any, Unpack

from .. import constraints, initializers, regularizers
from ..constraints import Constraint, ConstraintLike
from ..initializers import InitializerLike
from ..kernels.layers.embedding import embedding_backward, embedding_forward
from ..regularizers import Regularizer, RegularizerLike
from ..surface.arguments import choice, whole_number
from ..surface.errors import mismatch
from ..surface.types import Shape
from .layer import Layer, LayerArguments

LARGEST_TABLE = 2**24  # whole numbers up to here are exact in float32


class Embedding(Layer):
    """y = E[x]: a trained vector for each whole number; the first layer of a model.

    Parameters
    ----------
    input_dim : int
        V: numbers are 0 ... V - 1.
    output_dim : int
        K.
    embeddings_initializer : str or callable, default="random_uniform"
        Of E (V, K).
    embeddings_regularizer : str or Regularizer, optional
    embeddings_constraint : str or Constraint, optional
    mask_zero : bool, default=False
        0 is a masked step; see `Masking`.
    **kwargs
        Of `Layer`; input_shape is (steps,).

    Raises
    ------
    ValueError
        If a size is not a positive whole number, or input_dim is above 2^24.

    Source: as ``keras.layers.Embedding``.
    """

    kernels = (embedding_forward, embedding_backward)
    reads_numbers = streams = each_row = True

    def __init__(
        self,
        input_dim: int,
        output_dim: int,
        embeddings_initializer: InitializerLike = "random_uniform",
        embeddings_regularizer: RegularizerLike = None,
        embeddings_constraint: ConstraintLike = None,
        mask_zero: bool = False,
        **kwargs: Unpack[LayerArguments],
    ) -> None:
        super().__init__(**kwargs)
        self.input_dim = whole_number(input_dim, "input_dim")
        self.output_dim = whole_number(output_dim, "output_dim")
        if self.input_dim > LARGEST_TABLE:
            raise mismatch("input_dim is too large.", f"at most {LARGEST_TABLE:,}", input_dim)
        self.masks = self.mask_zero = choice(mask_zero, "mask_zero")
        self.embeddings_initializer = initializers.get(embeddings_initializer)
        self.embeddings_regularizer = regularizers.get(embeddings_regularizer)
        self.embeddings_constraint = constraints.get(embeddings_constraint)
        self.fields = {"option": (self.input_dim, int(self.mask_zero), 0, 0)}

    @property
    def regularizers(self) -> dict[str, Regularizer | None]:
        return {"embeddings": self.embeddings_regularizer}

    @property
    def constraints(self) -> dict[str, Constraint | None]:
        return {"embeddings": self.embeddings_constraint}

    def output_shape(self, input_shape: Shape) -> Shape:
        return (input_shape[0], self.output_dim)

    def multiply_adds(self) -> int:
        return 0  # it looks rows up

    def tensors(self) -> dict[str, Any]:
        return {"embeddings": ((self.input_dim, self.output_dim), self.embeddings_initializer)}
