"""A layer's parameters by name, as its user sees them."""

from collections.abc import MutableMapping

from ..data import fitting_arrays
from ..errors import known, mismatch


class Weights(MutableMapping):
    """The parameters of a layer by name: views into the model's vector.

    An array that is assigned to a name is copied into the parameter.

    Parameters
    ----------
    layer : Layer
    """

    def __init__(self, layer):
        self._layer, self._arrays = layer, layer.named_weights()

    def __getitem__(self, name):
        return self._arrays[name]

    def __setitem__(self, name, array):
        layer = self._layer
        target = self._arrays[known(self._arrays, name, f"weight of layer {layer.name!r}")]
        with layer.model._lock:
            whose = f"{name} of layer {layer.name!r}"
            target[...] = fitting_arrays([array], [target.shape], target.dtype, whose)[0]
            layer.model.parameters_changed()

    def __delitem__(self, name):
        raise mismatch(
            "A layer keeps its weights.", "other values for them", f"{name!r} to be deleted"
        )

    def __iter__(self):
        return iter(self._arrays)

    def __len__(self):
        return len(self._arrays)

    def __repr__(self):
        return repr(self._arrays)
