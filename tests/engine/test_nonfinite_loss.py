"""A loss that is not finite is seen before its update: a warning, once, and the weights stay."""

import numpy as np
import pytest

import tinylstm
from tests.snapshots import changed, snapshot
from tinylstm import LSTM, SGD, Dense, Sequential
from tinylstm.callbacks import Callback, TerminateOnNaN

N, T, D = 8, 3, 2
RNG = np.random.default_rng(10)
X = RNG.normal(size=(N, T, D)).astype(np.float32)
Y = RNG.normal(size=(N, 1)).astype(np.float32)
MESSAGE = r"The loss of batch {} in epoch {} is inf: its update was left out"


def targets(*bad):
    """The targets, some of them so large that the square of an error is infinite in float32."""
    y = Y.copy()
    y[list(bad)] = 3e38
    return y


def model_of(**lstm):
    tinylstm.set_random_seed(7)
    model = Sequential([LSTM(4, **lstm), Dense(1)])
    model.compile("adam", "mse", metrics=["mae"])
    model.build((1, T, D))
    return model


def trained_on(samples, epochs=1, **lstm):
    """A model that never saw the other samples."""
    model = model_of(**lstm)
    for _ in range(epochs):
        for k in samples:
            model.train_on_batch(X[k : k + 1], Y[k : k + 1])
    return model


MODES = ["stateless", "stateful"]
QUIET = {"batch_size": 1, "shuffle": False, "verbose": 0}


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("bad", [0, 1, 5, 7])
def test_terminate_on_nan_stops_with_the_weights_of_the_last_finite_batch(mode, bad, capsys):
    model = model_of(state_mode=mode)
    with pytest.warns(RuntimeWarning, match=MESSAGE.format(bad, 1)) as caught:
        model.fit(X, targets(bad), epochs=3, callbacks=[TerminateOnNaN()], **QUIET)
    assert [warning.filename for warning in caught] == [__file__]
    assert f"Batch {bad} of epoch 1: loss is inf" in capsys.readouterr().out
    twin = trained_on(range(bad), state_mode=mode)
    assert set(changed(model, snapshot(twin))) <= {"history", "order"}
    assert list(model.history.history) == ["loss", "mae"]
    assert model.history.history["loss"] == [np.inf]


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("bad", [(0,), (3,), (7,), (0, 1, 7)])
@pytest.mark.parametrize("watched", [False, True])
@pytest.mark.parametrize("chunk_seconds", [0.0, 0.03])
def test_without_it_training_goes_on_as_if_the_batch_had_not_been(
    mode, bad, watched, chunk_seconds, monkeypatch
):
    monkeypatch.setattr(tinylstm.engine.runs, "CHUNK_SECONDS", chunk_seconds)
    model = model_of(state_mode=mode)
    with pytest.warns(RuntimeWarning, match=MESSAGE.format(bad[0], 1)) as caught:
        model.fit(X, targets(*bad), epochs=3, callbacks=[Callback()] * watched, **QUIET)
    assert len(caught) == 1
    twin = trained_on([k for k in range(N) if k not in bad], epochs=3, state_mode=mode)
    assert set(changed(model, snapshot(twin))) <= {"history", "order"}
    assert model.history.history["loss"] == [np.inf] * 3
    assert np.isfinite(model.history.history["mae"]).all()


def test_a_loss_that_was_finite_before_is_named_with_its_epoch():
    model = model_of()

    class Breaks(Callback):
        def on_epoch_end(self, epoch, logs=None):
            if epoch == 1:
                weights = self.model.get_weights()
                self.model.set_weights([*weights[:-1], np.full(1, 1e30)])

    with pytest.warns(RuntimeWarning, match=MESSAGE.format(0, 3)):
        history = model.fit(X, Y, epochs=4, callbacks=[Breaks()], **QUIET).history
    assert np.isinf(history["loss"]).tolist() == [False, False, True, True]


def test_where_every_batch_is_left_out_history_keeps_its_length():
    model = model_of()
    before = snapshot(model)
    with pytest.warns(RuntimeWarning) as caught:
        history = model.fit(X, targets(*range(N)), epochs=2, validation_data=(X, Y), **QUIET)
    assert len(caught) == 1
    assert set(changed(model, before)) <= {"history", "order"}
    assert list(history.history) == ["loss", "mae", "val_loss", "val_mae"]
    assert [len(values) for values in history.history.values()] == [2] * 4
    assert history.history["loss"] == [np.inf] * 2
    assert np.isfinite(history.history["val_loss"]).all()


def test_one_batch_by_hand_is_left_out_too():
    model, twin = model_of(stateful=True), trained_on([0], stateful=True)
    model.train_on_batch(X[:1], Y[:1])
    with pytest.warns(RuntimeWarning, match="its update was left out") as caught:
        loss, _ = model.train_on_batch(X[1:2], targets(1)[1:2])
    assert loss == np.inf
    assert [warning.filename for warning in caught] == [__file__]
    assert changed(model, snapshot(twin)) == []


def test_a_callback_between_batches_sees_it_in_the_logs():
    losses = []

    class Notes(Callback):
        def on_train_batch_end(self, batch, logs=None):
            losses.append(logs["loss"])

    with pytest.warns(RuntimeWarning):
        model_of().fit(X, targets(2), callbacks=[Notes()], **QUIET)
    assert np.isinf(losses).tolist() == [False, False, *[True] * (N - 2)]


def test_a_run_away_training_ends_finite():
    tinylstm.set_random_seed(7)
    model = Sequential([Dense(1)])
    model.compile(SGD(50.0), "mse")
    with pytest.warns(RuntimeWarning, match="its update was left out"):
        history = model.fit(X[:, 0], Y, epochs=500, callbacks=[TerminateOnNaN()], **QUIET)
    assert np.isfinite(model.theta).all()
    assert np.abs(model.theta).max() > 1e6
    assert 0 < model.optimizer.iterations < 500 * N
    assert not np.isfinite(history.history["loss"][-1])


def test_evaluate_says_what_the_loss_is_and_changes_nothing():
    model = trained_on(range(3))
    before = snapshot(model)
    assert model.evaluate(X, targets(4))[0] == np.inf
    assert changed(model, before) == []


OUTPUTS = {"inf": (10, 0), "nan": (10, 10)}  # x of a sample that gives such an output


@pytest.mark.parametrize("watched", [False, True])
@pytest.mark.parametrize("bad", ["inf", "nan", "inf nan", "nan inf inf"])
def test_the_loss_of_an_epoch_is_the_mean_of_what_its_batches_had(bad, watched):
    x = np.zeros((N, 2))
    x[2 : 2 + len(bad.split())] = [OUTPUTS[name] for name in bad.split()]
    model = Sequential([Dense(1, trainable=False, input_shape=(2,))])
    model.compile("sgd", "mse")
    model.set_weights([[[3e38], [-3e38]], [0]])
    with pytest.warns(RuntimeWarning, match="its update was left out"):
        history = model.fit(x, Y, epochs=2, callbacks=[Callback()] * watched, **QUIET)
    np.testing.assert_equal(history.history["loss"], [np.mean([float(n) for n in bad.split()])] * 2)
    np.testing.assert_equal(model.evaluate(x, Y, batch_size=1), history.history["loss"][0])
