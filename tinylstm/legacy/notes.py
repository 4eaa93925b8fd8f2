"""What changes no result: it is taken, and a warning at the script's line says what is not done."""

from ..callbacks import Callback
from ..surface.errors import mismatch, warn

_phase = 0


def set_learning_phase(value):
    """``K.set_learning_phase``: here each method knows by itself whether it trains."""
    global _phase
    if value not in (0, 1):
        raise mismatch("A learning phase is one of two.", "0 or 1", repr(value))
    _phase = int(value)
    warn(
        "K.set_learning_phase changes nothing in tinylstm: fit and train_on_batch apply dropout, "
        "predict and evaluate do not."
    )


def learning_phase():
    """The value that the script has set, or 0."""
    return _phase


def plot_model(model, to_file="model.png", *args, **kwargs):
    """``plot_model``: no figure is drawn."""
    warn(f"{to_file} is not drawn by tinylstm; model.summary() prints the layers.")


class Unwatched(Callback):
    """A callback that tells somebody outside about the training: here it does nothing."""

    def __init__(self, *args, **kwargs):
        warn(f"{type(self).__name__} does nothing in tinylstm; {self.instead}")


class TensorBoard(Unwatched):
    """Keras' TensorBoard, without files."""

    instead = "CSVLogger(filename) writes the losses and metrics of each epoch."


class RemoteMonitor(Unwatched):
    """Keras' RemoteMonitor, without a server."""

    instead = TensorBoard.instead
