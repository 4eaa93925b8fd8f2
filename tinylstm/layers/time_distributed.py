"""TimeDistributed: a layer applied to every step."""

from ..errors import mismatch
from .activation import Activation
from .dense import Dense
from .dropout import Dropout
from .layer import Composite, need_steps

STEPWISE = (Dense, Activation, Dropout)  # they treat each step alone, as they are


class TimeDistributed(Composite):
    """The layer at every step of (steps, features): the same as the layer itself, which reads the
    last axis.

    Parameters
    ----------
    layer : Dense, Activation or Dropout
    **kwargs
        Of `Layer`.

    Raises
    ------
    TypeError
        If it is another layer, or belongs to a model.

    Source: as ``keras.layers.TimeDistributed``.
    """

    def __init__(self, layer, **kwargs):
        super().__init__(**kwargs)
        if not isinstance(layer, STEPWISE) or layer.is_owned():
            raise mismatch(
                "TimeDistributed applies a layer to each step.",
                f"a new {', '.join(kind.__name__ for kind in STEPWISE[:-1])} or Dropout",
                repr(layer),
                TypeError,
            )
        self.wrap(layer)
        self.layer = layer

    def copy(self, dtype=None):
        twin = super().copy(dtype)
        twin.layer = self.layer.copy(dtype)
        return twin

    def parts(self):
        return self.layer.parts()

    def output_shape(self, input_shape):
        need_steps(self, input_shape)
        return super().output_shape(input_shape)
