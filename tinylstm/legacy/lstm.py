"""The LSTM of Keras 1 and 2: what differs from the other layers, and between versions."""

from ..errors import mismatch
from .dialect import spoken
from .drawn import GateByGate
from .initial_values import initializer


class OldLSTM:
    """What differs from Keras' LSTM, and between its versions."""

    def reset_states(self, states=None):
        """Set the carried state to zeros, or to h and c of every row of the batch: [h, c]."""
        if states is None:
            super().reset_states()
            return
        if self.model is None or not self.stateful:
            raise mismatch(
                f"Layer {self.name!r} carries no state.", "stateful=True, in a model", repr(self)
            )
        held = self.model.get_states()
        others = {name: arrays for name, arrays in held.items() if len(arrays[0])}
        self.model.set_states(others | {self.name: states})

    def spoken_defaults(self, given):
        given.setdefault("recurrent_activation", spoken().gate_function)
        forget = given.get("unit_forget_bias", True)
        given["unit_forget_bias"] = forget in (True, "one", "ones")
        if spoken().gate_by_gate:
            self.draw_gate_by_gate(given)
        if spoken().state_mode is not None:
            given.pop("stateful", None)
            given["state_mode"] = spoken().state_mode
        return given

    def draw_gate_by_gate(self, given):
        """Each gate's weights apart; 1.2 took ``init`` for the recurrent ones too."""
        kernel = given.get("kernel_initializer") or initializer("glorot_uniform")
        recurrent = given.get("recurrent_initializer") or initializer("orthogonal")
        if spoken().number >= (1, 2):
            recurrent = kernel
        given["kernel_initializer"] = GateByGate(kernel)
        given["recurrent_initializer"] = GateByGate(recurrent)


def cudnn_lstm(kind):
    """``CuDNNLSTM``: an old LSTM with the logistic function in its gates, whatever the version."""

    def spoken_defaults(self, given):
        return kind.spoken_defaults(self, given | {"recurrent_activation": "sigmoid"})

    own = {"spoken_defaults": spoken_defaults, "__doc__": "Keras' old CuDNNLSTM."}
    return type("CuDNNLSTM", (kind,), own)
