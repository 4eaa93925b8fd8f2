"""tinylstm: ``stepper``, ``predict`` and ``generate``, exactly what a user calls."""

from tests.benchmarks.prediction.tasks import LOOP, SEQUENCE, STREAM, streamed
from tinylstm import LSTM, Dense, Sequential


def build(task):
    """The task's model."""
    model = Sequential([LSTM(task.units, input_shape=(None, task.features))])
    if task.outputs:
        model.add(Dense(task.outputs))
    model.set_weights(task.weights())
    return model


def predict(task):
    """What there is for the task."""
    model, data = build(task), task.inputs()
    if task.way == STREAM:
        return {"stepper": streamed(model.stepper(), list(data))}
    if task.way == SEQUENCE:
        return sequence(model, data)
    return {"generate": loop(model, data[:1])}


def sequence(model, data):
    """One call on all samples."""
    calls = {
        "predict": lambda: model.predict(data, batch_size=len(data), verbose=0),
        "predict_on_batch": lambda: model.predict_on_batch(data),
    }
    return {name: repeated(call) for name, call in calls.items()}


def repeated(call):
    """``run(times)`` of a call."""

    def run(times):
        for _ in range(times):
            y = call()
        return y

    return run


def loop(model, start):
    """``generate`` from one step on."""
    return repeated(lambda: model.generate(start, LOOP, feedback="value"))
