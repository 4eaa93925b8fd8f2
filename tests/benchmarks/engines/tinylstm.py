"""tinylstm: exactly what a user calls."""

from tests.benchmarks.prediction.tinylstm import predict
from tinylstm import LSTM, Dense, Sequential, __version__

__all__ = ["VERSION", "predict", "train"]
VERSION = f"tinylstm {__version__}"


def build(workload):
    """A compiled model with the workload's start weights."""
    _, T, D = workload.X.shape
    shape = (
        {"batch_input_shape": (workload.batch, T, D)}
        if workload.stateful
        else {"input_shape": (T, D)}
    )
    model = Sequential()
    for k, H in enumerate(workload.units):
        steps = workload.each_step or k < len(workload.units) - 1
        model.add(LSTM(H, return_sequences=steps, stateful=workload.stateful, **shape))
        shape = {}
    model.add(Dense(workload.outputs, activation=workload.activation))
    model.compile(optimizer="adam", loss=workload.loss)
    model.set_weights(workload.weights())
    return model


def train(workload):
    """One ``fit``."""
    return {"fit": fit_epochs(workload)}


def fit_epochs(workload):
    """``run(epochs)`` in one call of ``fit``."""
    model = build(workload)

    def run(epochs):
        history = model.fit(
            workload.X,
            workload.Y,
            batch_size=workload.batch,
            epochs=epochs,
            shuffle=False,
            verbose=0,
            reset_states="epoch",
        )
        return history.history["loss"][-1]

    return run
