"""Weights with the names of PyTorch in files of safetensors, as the table of formats has them: for
these PyTorch need not be there."""

from ...files import container
from .file import layers_in, load, shown
from .sources import KIND
from .writing import arrays_of

__all__ = ["layers_in", "load", "save_weights", "shown"]
ABOUT = {"kind": KIND, "version": 1, "format": "pt"}  # pt: as those of PyTorch have it


def save_weights(model, path):
    """Write what `to_torch` gives."""
    container.put(path, arrays_of(model), ABOUT)
