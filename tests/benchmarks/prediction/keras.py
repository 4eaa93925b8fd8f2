"""Keras: ``predict``, ``predict_on_batch`` and a plain call."""

import keras
import numpy as np

from tests.benchmarks.engines import Declined
from tests.benchmarks.prediction.tasks import SEQUENCE, STREAM, streamed


def build(task, stateful):
    """The task's model."""
    shape = (1, 1, task.features) if stateful else (task.batch, task.steps, task.features)
    model = keras.Sequential(
        [keras.Input(batch_shape=shape), keras.layers.LSTM(task.units, stateful=stateful)]
    )
    model.set_weights(task.weights())
    return model


def ways(model):
    """Functions of x."""
    return {
        "predict": lambda x: model.predict(x, batch_size=len(x), verbose=0),
        "predict_on_batch": model.predict_on_batch,
        "model(x)": lambda x: np.asarray(model(x, training=False)),
    }


def predict(task):
    """Each way, with a model of its own."""
    if task.way == SEQUENCE:
        data = task.inputs()
        return {name: streamed(call, [data]) for name, call in ways(build(task, False)).items()}
    if task.way != STREAM:
        raise Declined("has none")
    if keras.backend.backend() == "jax":
        raise Declined("ignores the state")
    rows = [row[None, None] for row in task.inputs()]
    return {
        name: streamed(ways(build(task, True))[name], rows)
        for name in ("predict", "predict_on_batch", "model(x)")
    }
