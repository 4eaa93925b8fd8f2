"""A layer's parameters by name, as its user sees them."""

from __future__ import annotations

from collections.abc import Iterator, MutableMapping
from typing import TYPE_CHECKING

from numpy.typing import ArrayLike

from ..data.gate import fitting_arrays
from ..surface.arguments import find, known
from ..surface.errors import NoSuchName, mismatch
from ..surface.types import Array

if TYPE_CHECKING:
    from .layer import Layer


class Weights(MutableMapping[str, Array]):
    """The parameters of a layer by name: views into the model's vector.

    An array that is assigned to a name is copied into the parameter.

    Parameters
    ----------
    layer : Layer
    """

    def __init__(self, layer: Layer) -> None:
        self._layer = layer  # whose model may be built anew, into another vector

    def __getitem__(self, name: str) -> Array:
        layer = self._layer
        return find(layer.named_weights(), name, f"weight of layer {layer.name!r}", NoSuchName)

    def __setitem__(self, name: str, array: ArrayLike) -> None:
        layer = self._layer
        with layer._turn():
            targets = layer.named_weights()
            target = targets[known(targets, name, f"weight of layer {layer.name!r}")]
            whose = f"{name} of layer {layer.name!r}"
            (values,) = fitting_arrays([array], [target.shape], target.dtype, whose)
            layer._write([target], [values])

    def __delitem__(self, name: str) -> None:
        raise mismatch(
            "A layer keeps its weights.", "other values for them", f"{name!r} to be deleted"
        )

    def __iter__(self) -> Iterator[str]:
        return iter(self._layer.named_weights())

    def __len__(self) -> int:
        return len(self._layer.named_weights())

    def __repr__(self) -> str:
        return repr(self._layer.named_weights())
