"""The recurrent layers of Keras 1 and 2: what differs from the others, and between versions."""

from ..surface.errors import mismatch
from .dialect import spoken
from .drawn import GateByGate
from .initial_values import initializer


class OldRecurrent:
    """What differs in all of them: the state, and Keras 1's ``orthogonal``. A SimpleRNN is no more
    than that."""

    def reset_states(self, states=None):
        """Set the carried state to zeros, or to the arrays of every row of the batch: [h, c]."""
        model = self.held.model
        if states is None:
            self.held.reset_states()
            return
        if model is None or not self.stateful:
            raise mismatch(
                f"Layer {self.name!r} carries no state.", "stateful=True, in a model", repr(self)
            )
        others = {name: arrays for name, arrays in model.get_states().items() if len(arrays[0])}
        model.set_states(others | {self.name: states})

    def spoken_defaults(self, given):
        if spoken().state_mode is not None:
            given.pop("stateful", None)
            given["state_mode"] = spoken().state_mode
        given.setdefault("recurrent_initializer", initializer("orthogonal"))
        return given


class OldGated(OldRecurrent):
    """What differs where there are gates: their function, and how their weights were drawn."""

    gates = 0

    def spoken_defaults(self, given):
        given.setdefault("recurrent_activation", spoken().gate_function)
        if spoken().gate_by_gate:
            self.draw_gate_by_gate(given)
        return super().spoken_defaults(given)

    def draw_gate_by_gate(self, given):
        """Each gate's weights apart; 1.2 took ``init`` for the recurrent ones too."""
        kernel = given.get("kernel_initializer") or initializer("glorot_uniform")
        recurrent = given.get("recurrent_initializer") or initializer("orthogonal")
        if spoken().number >= (1, 2):
            recurrent = kernel
        given["kernel_initializer"] = GateByGate(kernel, self.gates)
        given["recurrent_initializer"] = GateByGate(recurrent, self.gates)


class OldLSTM(OldGated):
    """Keras' LSTM."""

    gates = 4

    def spoken_defaults(self, given):
        forget = given.get("unit_forget_bias", True)
        given["unit_forget_bias"] = forget in (True, "one", "ones")
        return super().spoken_defaults(given)


class OldGRU(OldGated):
    """Keras' GRU: which multiplies with U before it resets, or behind it."""

    gates = 3

    def spoken_defaults(self, given):
        given.setdefault("reset_after", spoken().resets_after)
        return super().spoken_defaults(given)


def cudnn(kind, **always):
    """``CuDNNLSTM``, ``CuDNNGRU``: what the GPU's library computes, whatever the version."""
    name = f"CuDNN{kind.__name__}"

    def spoken_defaults(self, given):
        return kind.spoken_defaults(self, given | {"recurrent_activation": "sigmoid", **always})

    own = {"spoken_defaults": spoken_defaults, "__doc__": f"Keras' old {name}."}
    return type(name, (kind,), own)
