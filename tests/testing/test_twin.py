"""`twin_check` and `quick_check` find what is wrong, and say where; all built-in models pass."""

import numpy as np
import pytest

from tests.snapshots import refused
from tests.tolerances import assert_close
from tinylstm import LSTM, Bidirectional, Dense, Sequential, reference
from tinylstm.engine.study import Pass
from tinylstm.reference import network
from tinylstm.testing.builtin_models import CHECKS, run_check
from tinylstm.testing.gradient import quick_check
from tinylstm.testing.twin import twin_check

pytestmark = pytest.mark.quick


@pytest.mark.parametrize("how", [twin_check, quick_check])
@pytest.mark.parametrize("name", CHECKS)
def test_every_built_in_model_passes(name, how):
    report = run_check(name, how)
    assert report.passed, str(report)
    names = {difference.name for difference in run_check(name)} if name == "padded" else set()
    assert names <= {difference.name for difference in report}


@pytest.mark.parametrize("how", [twin_check, quick_check])
def test_what_is_no_model_is_refused(how):
    with refused(TypeError, "This is not a model."):
        how("a model", np.ones((2, 3)), np.ones((2, 1)))


@pytest.mark.parametrize("how", [twin_check, quick_check])
@pytest.mark.parametrize("size", [1e-3, -1e-6])
def test_one_wrong_element_is_found_and_named(monkeypatch, how, size):
    right = Pass.backward

    def wrong(self, count=None):
        right(self, count)
        self.model.views(self.layers[0], self.model.grad)["recurrent_kernel"][3, 7] += size

    monkeypatch.setattr(Pass, "backward", wrong)
    report = run_check("stateful", how)
    assert not report.passed
    (found,) = [difference for difference in report if difference.error > report.limit]
    assert (found.name, found.worst[0]) == ("lstm/recurrent_kernel", (3, 7))
    assert "WRONG" in str(report)


def test_two_gates_exchanged_in_both_passes_are_seen_by_the_twin_alone(monkeypatch):
    order = np.r_[5:10, 0:5, 10:20]  # blocks f | i | g | o
    forward, backward, functions = network.TWINS["lstm"]
    twin = exchanged(forward, order), exchanged(backward, order), functions
    monkeypatch.setitem(network.TWINS, "lstm", twin)
    assert run_check("stateless", quick_check).passed
    report = run_check("stateless", twin_check)
    assert {"loss", "output", "lstm/kernel"} <= {d.name for d in report if d.error > report.limit}


def exchanged(right, order):
    """A function of the reference that reads the columns of W, U and b in another order."""

    def other(x, W, U, *arguments, **options):
        first, *rest = arguments
        first = first[order] if right is reference.lstm_forward else first
        found = right(x, W[:, order], U[:, order], first, *rest, **options)
        for key in ("dW", "dU", "db", "z", "dz"):
            if key in found and right is reference.lstm_backward:
                found[key] = found[key][..., np.argsort(order)]
        return found

    return other


def test_outputs_of_the_reference_are_those_of_predict(rng):
    x, y = rng.normal(size=(3, 4, 2)), rng.normal(size=(3, 6))
    model = Sequential([LSTM(5, input_shape=(4, 2)), Dense(6)], dtype="float64")
    model.compile("sgd", "mse")
    W, U, b, V, a = model.get_weights()
    h = reference.lstm_forward(x, W, U, b, np.zeros((3, 5)), np.zeros((3, 5)))["hT"]
    assert_close(model.predict(x), reference.dense_forward(h, V, a), 1e-12, "predict")
    assert twin_check(model, x, y).passed


def test_what_the_reference_does_not_know_is_refused(rng):
    class Own(Dense):
        pass

    model = Sequential([Own(2, input_shape=(3,))])
    model.compile("sgd", "mse")
    with refused(ValueError, "Unknown layer for the reference: 'Own'"):
        twin_check(model, np.ones((2, 3)), np.ones((2, 2)))


def test_an_own_layer_in_both_directions_is_refused_too():
    class Own(LSTM):
        pass

    model = Sequential([Bidirectional(Own(2), input_shape=(3, 2))])
    model.compile("sgd", "mse")
    with refused(ValueError, "Unknown layer for the reference: 'Own'"):
        twin_check(model, np.ones((2, 3, 2)), np.ones((2, 4)))
