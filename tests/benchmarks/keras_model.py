"""The workloads in Keras, on the backend that the importing engine has chosen."""

from importlib.metadata import version as installed

import keras

from tests.benchmarks.engines import ADAM, Declined


def version():
    """Keras and its backend."""
    backend = keras.backend.backend()
    package = {"tensorflow": "tensorflow-cpu"}.get(backend, backend)
    return f"Keras {keras.__version__} on {backend} {installed(package)}"


def build(workload):
    """A compiled model with the workload's start weights."""
    _, T, D = workload.X.shape
    model = keras.Sequential([keras.Input(batch_shape=(workload.batch, T, D))])
    for k, H in enumerate(workload.units):
        steps = workload.each_step or k < len(workload.units) - 1
        model.add(keras.layers.LSTM(H, stateful=workload.stateful, return_sequences=steps))
    model.add(keras.layers.Dense(workload.outputs, activation=workload.activation))
    adam = keras.optimizers.Adam(ADAM["rate"], ADAM["beta_1"], ADAM["beta_2"], ADAM["epsilon"])
    model.compile(optimizer=adam, loss=workload.loss)
    model.set_weights(workload.weights())
    return model


def train(workload):
    """One ``fit`` when stateless; when stateful, an epoch and a reset by turns, in two ways."""
    if not workload.stateful:
        return {"fit": fit_epochs(workload)}
    if keras.backend.backend() == "jax":
        raise Declined("ignores the state")  # without a word
    return {
        "fit, reset": epochs_with_reset(workload, fit_epoch),
        "train_on_batch, reset": epochs_with_reset(workload, train_on_batches),
    }


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
        )
        return history.history["loss"][-1]

    return run


def epochs_with_reset(workload, train_epoch):
    """``run(epochs)`` that resets every LSTM layer after each epoch."""
    model = build(workload)
    recurrent = [layer for layer in model.layers if isinstance(layer, keras.layers.LSTM)]

    def run(epochs):
        for _ in range(epochs):
            loss = train_epoch(model, workload)
            for layer in recurrent:
                layer.reset_state()
        return loss

    return run


def fit_epoch(model, workload):
    """One epoch by ``fit``."""
    history = model.fit(
        workload.X, workload.Y, batch_size=workload.batch, epochs=1, shuffle=False, verbose=0
    )
    return history.history["loss"][0]


def train_on_batches(model, workload):
    """One epoch by ``train_on_batch``."""
    total = 0.0
    for start in range(0, len(workload.X), workload.batch):
        rows = slice(start, start + workload.batch)
        total += model.train_on_batch(workload.X[rows], workload.Y[rows])
    return float(total) / workload.count
