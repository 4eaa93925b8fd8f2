"""Old layers around another layer of the script: TimeDistributed and Bidirectional."""

from .held import Holder, old_one


class OldWrapper:
    """What both have in common: the layer that they were made with."""

    layer = None
    directions = 1

    @property
    def first_weights(self):
        """Those of its layer, for each direction."""
        first = getattr(self.layer, "first_weights", None)
        return first and [*first] * self.directions

    def make(self, given):
        super().make(given)
        vars(self)["layer"] = inner = given.get("layer")
        if isinstance(inner, Holder):
            inner.wrapped = True

    @classmethod
    def found_in(cls, held):
        inner = old_one(held.layer)
        inner.wrapped = True
        return super().found_in(held) | {"layer": inner}

    def arguments(self):
        return super().arguments() | {"layer": self.layer}

    def around(self, held):
        twin = super().around(held)
        vars(twin)["layer"] = self.layer.around(held.layer)
        return twin


class OldBidirectional(OldWrapper):
    """Keras' Bidirectional: its second direction is an old layer too."""

    directions = 2
    forward_layer = property(lambda self: self.layer)

    @property
    def backward_layer(self):
        """As the forward one, of the steps from the last to the first."""
        return self.layer.around(self.held.backward_layer)
