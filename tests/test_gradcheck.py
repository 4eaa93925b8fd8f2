"""What `gradient_check` reports, and what it leaves alone."""

import numpy as np

from tests.models import Draw
from tests.tolerances import DIFFERENCES
from tinylstm import LSTM, Dense, Sequential, gradient_check
from tinylstm.study import Pass


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
    assert "WRONG" in str(report)
    monkeypatch.undo()
    assert "right" in str(gradient_check(model, d.x(), d.shares(d.B)))


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
