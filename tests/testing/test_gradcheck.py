"""What `gradient_check` reports, and what it leaves alone."""

import numpy as np
import pytest
from tinylstm.kernels.cells import gru, lstm, simple_rnn
from tinylstm.kernels.compiling import COMPILED

from tests import broken
from tests.models import Draw
from tests.snapshots import refused
from tests.tolerances import DIFFERENCES, assert_close, error
from tinylstm import LSTM, RNN, Bidirectional, Dense, Sequential, cell, gradient_check, kernel
from tinylstm.engine.study import Pass
from tinylstm.regularizers import Regularizer
from tinylstm.testing.differences import Difference, GradientReport
from tinylstm.testing.elementwise import check_steps
from tinylstm.testing.gradient import LossCheck


def test_a_gradient_that_is_lost_in_rounding_is_not_called_wrong():
    d = Draw((3, 4, 1, 5, 2), 1)
    model = d.model(LSTM(d.H), Dense(d.K, "softmax"), loss="mae")
    y = np.full((d.B, d.K), 5.0)  # the outputs' sum is 1: no weight matters
    assert gradient_check(model, d.x(), y).passed


def test_a_wrong_gradient_is_reported_with_its_tensor_and_element(monkeypatch):
    d = Draw((2, 3, 1, 4, 5), 1)
    model = d.model(LSTM(d.H), Dense(d.K, "softmax"))
    right = Pass.backward

    def wrong(self, count=None):
        right(self, count)
        self.model.views(self.layers[0], self.model.grad)["recurrent_kernel"][3, 7] += 1e-3

    monkeypatch.setattr(Pass, "backward", wrong)
    report = gradient_check(model, d.x(), d.shares(d.B))
    assert not report.passed
    (found,) = [difference for difference in report if difference.error > DIFFERENCES]
    assert found.name == "lstm/recurrent_kernel"
    assert found.worst[0] == (3, 7)
    assert str(report).splitlines()[-1].startswith("WRONG: worst error ")
    assert "in lstm/recurrent_kernel [3, 7]," in str(report)
    monkeypatch.undo()
    assert "right" in str(gradient_check(model, d.x(), d.shares(d.B)))


NOT_FINITE = np.nan, np.inf, -np.inf


@pytest.mark.parametrize("number", NOT_FINITE)
@pytest.mark.parametrize("both", [True, False])
@pytest.mark.parametrize("side", ["backward", "differences"])
def test_a_number_that_is_not_finite_is_wrong_wherever_it_stands(number, both, side):
    right, other = np.ones((2, 3)), np.ones((2, 3))
    other[1, 2] = number
    pair = (other, other if both else right)
    pair = pair if side == "backward" else pair[::-1]
    for place in range(3):
        report = GradientReport(Difference(name, right, right, 1e-16) for name in "ab")
        report.insert(place, Difference("c", *pair, 1e-16))
        assert not report.passed
        assert report.worst_error == np.inf
        assert report.worst.name == "c"
        assert "WRONG: worst error inf in c [1, 2], limit" in str(report)


def test_an_error_that_is_no_number_is_wrong_behind_one_that_is_small():
    report = GradientReport(Difference(name, np.ones(1), np.ones(1), 1e-16) for name in "abc")
    report[1].error = np.nan
    assert not report.passed
    assert "WRONG: worst error nan in b [0]" in str(report)


@pytest.mark.parametrize("number", NOT_FINITE)
def test_a_loss_that_is_not_finite_is_wrong_in_every_tensor(number, monkeypatch):
    d = Draw((2, 3, 1, 4, 5), 1)
    model = d.model(LSTM(d.H, stateful=True), Dense(d.K), loss="mse")
    monkeypatch.setattr(LossCheck, "loss", lambda self: number)
    report = gradient_check(model, d.x(), d.shares(d.B))
    assert {difference.error for difference in report} == {np.inf}


@pytest.mark.parametrize("number", NOT_FINITE)
@pytest.mark.parametrize("sides", [(0,), (1,), (0, 1)])
def test_the_errors_of_the_tests_are_above_no_limit_where_a_number_is_not_finite(number, sides):
    pair = np.ones((2, 4)), np.ones((2, 4))
    for side in sides:
        pair[side][0, 2] = number
    found = error(*pair)
    assert not found <= 1e300
    assert not found >= 0
    with pytest.raises(AssertionError, match=r"dW: .* worst at \[0, 2\]"):
        assert_close(*pair, 1e300, "dW")
    for compare in (np.testing.assert_allclose, np.testing.assert_array_equal):
        with pytest.raises(AssertionError):
            compare(*pair)


def test_a_check_leaves_weights_gradients_moments_and_state_as_they_were():
    d = Draw((2, 3, 1, 4, 5), 1)
    model = d.model(LSTM(d.H, stateful=True), Dense(d.K, "softmax"))
    model.fit(d.x(), d.shares(d.B), batch_size=d.B, verbose=0)
    held = model.theta, model.grad, model.optimizer.moments, model.state.values
    before = [array.copy() for array in held]
    assert gradient_check(model, d.x(), d.shares(d.B)).passed
    for array, copy in zip(held, before, strict=True):
        np.testing.assert_array_equal(array, copy)
    assert model.optimizer.iterations == 1


def test_a_model_that_was_trained_for_long_is_right():
    x = np.array([[[k], [k + 1], [k + 2]] for k in range(23)]) / 26
    y = np.eye(26)[3:]
    model = Sequential([LSTM(32, input_shape=(3, 1)), Dense(26, activation="softmax")])
    model.compile(optimizer="adam", loss="categorical_crossentropy")
    model.fit(x, y, batch_size=1, epochs=3000, verbose=0)
    assert gradient_check(model, x[:2], y[:2]).passed


def test_a_float32_model_is_checked_in_float64():
    d = Draw((2, 3, 1, 4, 5), 1)
    model = d.model(LSTM(d.H), Dense(d.K, "softmax"))
    single = model.copy(dtype="float32")
    assert gradient_check(single, d.x(), d.shares(d.B)).passed
    assert single.theta.dtype == np.float32


def mixing(back):
    """A cell that takes the mean over its units, in one of its steps, and says elementwise=True."""

    @cell(gates="a", states="h", elementwise=True)
    def mixed(a, h):
        mean = a.dtype.type(0) if back else np.mean(a)
        for j in range(len(h)):
            h[j] = a[j] - mean

    @mixed.backward
    def mixed_backward(dh, da):
        mean = np.mean(dh)
        for j in range(len(dh)):
            da[j] = dh[j] - mean

    return mixed


@pytest.mark.uncompiled
@pytest.mark.parametrize("back", [False, True])
@pytest.mark.parametrize("quick", [False, True])
def test_a_cell_that_mixes_units_and_says_elementwise_is_refused(quick, back):
    name = "mixed_backward, whose da" if back else "mixed, whose h"
    model = Sequential([Bidirectional(RNN(mixing(back), 3), input_shape=(4, 2)), Dense(2)])
    model.compile(loss="mse")
    with refused(ValueError, "Cell 'mixed' says elementwise=True and is not.") as caught:
        gradient_check(model, np.ones((3, 4, 2)), np.ones((3, 2)), quick=quick)
    assert name in str(caught.value)


@pytest.mark.parametrize("own", [lstm, gru, simple_rnn], ids=lambda cell: cell.name)
def test_our_cells_are_elementwise(own):
    check_steps(RNN(own, 5))


@pytest.mark.uncompiled
def test_a_check_is_quick_if_asked_and_where_nothing_is_compiled():
    d = Draw((2, 3, 1, 4, 5), 1)
    model = d.model(LSTM(d.H), Dense(d.K, "softmax"))
    x, y = d.x(), d.shares(d.B)
    for quick, directions in ((None, not COMPILED), (True, True), (False, False)):
        report = gradient_check(model, x, y, quick=quick)
        assert report.passed
        assert ("element or direction" in str(report)) is directions
        assert ("worst element" in str(report)) is not directions


@pytest.mark.parametrize("quick", [False, True])
def test_a_wrong_report_names_the_topmost_layer_and_the_errors_of_its_gates(quick, monkeypatch):
    d = Draw((2, 3, 1, 4, 5), 1)
    layers = [LSTM(d.H, return_sequences=True), LSTM(3, name="top"), Dense(d.K, "softmax")]
    model = d.model(*layers)
    right = Pass.backward

    def wrong(self, count=None):
        right(self, count)
        for layer in self.model.layers[:2]:
            bias = self.model.views(layer, self.model.grad)["bias"]
            bias[layer.units : 2 * layer.units] = 0  # the forget gate's

    monkeypatch.setattr(Pass, "backward", wrong)
    report = gradient_check(model, d.x(), d.shares(d.B), quick=quick)
    *_, gates, verdict = str(report).splitlines()
    assert verdict.endswith(", limit 1e-07; topmost wrong layer: top")
    assert gates.startswith("top/bias, gate by gate: i ")
    assert ", f 1.0e+00, g " in gates
    found = {difference.name: difference.gates for difference in report if difference.gates}
    assert found.keys() == {"lstm/bias", "top/bias"}
    for errors in found.values():
        assert max(errors["i"], errors["g"], errors["o"]) < DIFFERENCES < errors["f"]


def half(forgets):
    """A penalty w^2 / 2 of one's own, whose gradient forgets to add, or its factor."""

    @kernel
    def value(tensor, w):
        total = 0.0
        for i in range(w.shape[0]):
            for j in range(w.shape[1]):
                total += w[i, j] * w[i, j]
        return total

    @kernel
    def gradient(tensor, w, dw):
        for i in range(w.shape[0]):
            for j in range(w.shape[1]):
                if forgets == "to add":
                    dw[i, j] = w.dtype.type(2) * w[i, j]
                else:
                    dw[i, j] += w[i, j]

    class Half(Regularizer):
        kernels = (value, gradient)

    return Half()


@pytest.mark.uncompiled
@pytest.mark.parametrize("forgets", ["to add", "its factor"])
def test_a_wrong_penalty_is_named(forgets):
    model = Sequential([Dense(3, input_shape=(4,)), Dense(2, kernel_regularizer=half(forgets))])
    model.compile(loss="mse")
    rng = np.random.default_rng(7)
    report = gradient_check(model, rng.normal(size=(5, 4)), rng.normal(size=(5, 2)))
    assert not report.passed
    assert "topmost" not in str(report)
    assert str(report).splitlines()[-1] == (
        "dense_1/kernel has the penalty Half, and no other tensor is wrong: look at the gradient "
        "kernel of the penalty"
    )


@pytest.mark.parametrize("quick", [False, True])
def test_what_kind_of_wrong_it_is_stands_in_the_last_line(quick, monkeypatch):
    d = Draw((2, 3, 1, 4, 5), 1)
    model = d.model(LSTM(d.H), Dense(d.K, "softmax"))
    right = Pass.backward

    def wrong(self, count=None):
        right(self, count)
        self.model.views(self.model.layers[0], self.model.grad)["recurrent_kernel"][:] *= 2

    monkeypatch.setattr(Pass, "backward", wrong)
    report = gradient_check(model, d.x(), d.shares(d.B), quick=quick)
    assert str(report).splitlines()[-1] == "lstm/recurrent_kernel: it is 2 times as large"


@pytest.mark.skipif(not COMPILED, reason="Python notices an index that is outside")
def test_a_layer_that_leaves_its_arrays_is_refused_and_named():
    leaky = broken.Leaky(broken.SHORT_SLOPE)
    model = Sequential([LSTM(3, return_sequences=True, input_shape=(4, 2)), leaky, Dense(2)])
    model.compile(loss="mse")
    with refused(ValueError, "A kernel of this model leaves its arrays") as caught:
        gradient_check(model, np.ones((3, 4, 2)), np.ones((3, 4, 2)))
    assert "It writes a number behind the gradient of slope." in str(caught.value)
