"""Everything of a model that training changes, to compare two moments of it bit by bit."""

import copy
from contextlib import contextmanager

import pytest

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
