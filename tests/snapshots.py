"""Everything of a model that training changes, to compare two moments of it bit by bit."""

import copy
from contextlib import contextmanager

import numpy as np
import pytest
from safetensors.numpy import load_file

from .tolerances import bits


def snapshot(model):
    """Parameters, moments, counters, state, order of the samples and history: equal where same."""
    optimizer, state = model.optimizer, model.state
    return {
        "weights": bits(model.theta),
        "moments": bits(optimizer.moments),
        "counters": optimizer.rule.tobytes(),
        "state": (state.values.tobytes(), state.rows, state.free),
        "order": model.epochs_seen,
        "history": None if model.history is None else copy.deepcopy(model.history.history),
        "loss": (model.loss.name, model.metrics_names, optimizer.kernel),
        "layers": [(layer.name, layer.trainable, layer.input_shape) for layer in model.layers],
        "shape": (model.dtype, model.batch_input_shape, model.seed),
    }


def changed(model, before):
    """Names of what is not as it was in an earlier snapshot."""
    now = snapshot(model)
    return [name for name in before if before[name] != now[name]]


@contextmanager
def refused(kind, fragment):
    """What is called inside raises that exception: a sentence, what was expected and what came."""
    with pytest.raises(kind) as caught:
        yield caught
    assert caught.type is kind
    sentence, expected, received = str(caught.value).split("\n")
    assert fragment in sentence
    assert sentence.endswith((".", "?"))
    assert expected.startswith("Expected: ")
    assert received.startswith("Received: ")
    assert min(len(expected), len(received)) > len("Expected: ")


def assert_refused(model, case):
    """A case (call of the model, kind of exception, part of its sentence) changes nothing."""
    before = snapshot(model)
    call, kind, fragment = case
    with refused(kind, fragment):
        call(model)
    assert changed(model, before) == []


def assert_goes_on(model, twin, cases, *data, **options):
    """After all cases a model trains as its twin, to which nothing has happened."""
    for call, kind, fragment in cases:
        with refused(kind, fragment):
            call(model)
    for one in (model, twin):
        one.fit(*data, epochs=3, verbose=0, **options)
    assert changed(model, snapshot(twin)) == []


def everything(things):
    """All that a call may change of the things of an attack, built or not: equal where the same.

    things: {"model": a model or None} and, where there are such, "layers", "optimizers" and
    "steppers", lists of them, "file", a path, and "also", a function of further values.
    """
    model = things["model"]
    found = {} if model is None else parts_of_model(model)
    for k, layer in enumerate(things.get("layers", ())):
        found[f"layer {k}"] = settings_of_layer(layer, model)
    for k, optimizer in enumerate(things.get("optimizers", ())):
        free = optimizer.moments is None
        found[f"optimizer {k}"] = free, None if free else optimizer.rule.tobytes()
    for k, stepper in enumerate(things.get("steppers", ())):
        found[f"stepper {k}"] = stepper._state.tobytes()
    path = things.get("file")
    if path is not None:
        beside = sorted(one.name for one in path.parent.iterdir())
        tensors = load_file(path) if path.exists() else {}
        found["file"] = beside, {name: array.tobytes() for name, array in tensors.items()}
    if "also" in things:
        found["also"] = things["also"]()
    return {"history": None, "weights": None, "changes": 0, "lock": False} | found


def parts_of_model(model):
    """All that a model is, without building it."""
    theta, optimizer, history = model.theta, model.optimizer, model.history
    found = {
        "lock": model._lock._is_owned(),
        "recorders": len(model.recorders),
        "training": getattr(model, "fits", 0),
        "changes": model.changes,
        "layers": [settings_of_layer(layer, model) for layer in model.layers],
        "shape": (model.dtype, model.batch_input_shape, model.seed, model.name),
        "loss": (model.loss and model.loss.name, model.metrics_names),
        "flags": (model.stop_training, model.stop_evaluating, model.stop_predicting),
        "weights": None if theta is None else theta.tobytes(),
        "grad": model.grad is None,
    }
    if history is not None:
        lists = [(name, tuple(values)) for name, values in history.history.items()]
        found["history"] = tuple(history.epoch), lists
    if optimizer is not None:
        moments = optimizer.moments
        found["optimizer"] = type(optimizer).__name__, optimizer.rule.tobytes()
        found["moments"] = None if moments is None else moments.tobytes()
        found["own moments"] = moments is model.moments
    if theta is not None:
        state = model.state
        found["state"] = state.values.tobytes(), state.rows, state.free
        found["order"] = model.epochs_seen
        found["metrics"] = len(getattr(model, "scored_metrics", ()))
        found["grad"] = len(model.grad), np.shares_memory(model.grad, model.network._gradients)
    return found


def settings_of_layer(layer, model):
    """What a layer and its parts are called, whose they are, and what they read."""
    whose = [one.model for one in (layer, *layer.parts())]
    owned = ["nobody" if one is None else one is model for one in whose]
    parts = [(one.name, one.prefix, one.trainable, one.sample_shape) for one in layer.parts()]
    return layer.name, layer.trainable, layer.sample_shape, layer.dtype, owned, parts
