"""Weights with the names of PyTorch in files of safetensors, as the table of formats has them: for
these PyTorch need not be there."""

from ...files import container
from ...files.weights import is_state_dict
from .file import layers_in, load, shown
from .sources import KIND
from .writing import arrays_of

__all__ = ["holds", "layers_in", "load", "save_weights", "shown"]
ABOUT = {"kind": KIND, "version": 1, "format": "pt"}  # pt: as those of PyTorch have it


def holds(path):
    """Whether the tensors in a file are called as those of PyTorch are."""
    with container.opened(path) as found:
        return is_state_dict(found.entries)


def save_weights(model, path):
    """Write what `to_torch` gives."""
    container.put(path, arrays_of(model), ABOUT)
