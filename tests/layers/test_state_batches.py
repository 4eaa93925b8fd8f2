"""Batch sizes, the order of samples and resets where a state is carried; refused combinations."""

import numpy as np
import pytest

from tests.models import MODES, Draw
from tests.snapshots import changed, refused, snapshot
from tests.tolerances import NAIVE, assert_close
from tinylstm import LSTM, SGD, Dense, Sequential
from tinylstm.callbacks import Callback

pytestmark = pytest.mark.quick
EXACT = NAIVE["float64"]
uncompiled = pytest.mark.uncompiled
CARRIED = ["batch_carried", "stateful"]
N = 12


def model_of(mode, state=False):
    """A small model with data of 12 samples; stateful ones start from zeros unless told."""
    d = Draw((3, 4, 2, 5, 1), 4)
    model = d.model(LSTM(5, **MODES[mode]), Dense(1), loss="mse")
    model.compile(SGD(0.1), "mse")
    if not state:
        model.reset_states()
    return model, d.rng.normal(size=(N, 4, 2)), d.rng.normal(size=(N, 1))


def weights_after(mode, **options):
    model, x, y = model_of(mode)
    model.fit(x, y, batch_size=3, verbose=0, **options)
    return model.theta


@uncompiled
def test_after_a_reset_another_batch_size_is_fine():
    model, x, _ = model_of("stateful", state=True)
    model.predict(x, batch_size=3)
    with refused(ValueError, "batch size differs"):
        model.predict(x, batch_size=4)
    model.reset_states()
    y = model.predict(x, batch_size=4)
    assert model.get_states()["lstm"][0].shape == (4, 5)
    other, _, _ = model_of("stateful")
    np.testing.assert_array_equal(other.predict(x, batch_size=4), y)


def test_after_only_some_rows_were_reset_the_batch_size_stays():
    model, x, _ = model_of("stateful", state=True)
    model.reset_states(rows=[0, 1])
    with refused(ValueError, "batch size differs"):
        model.predict(x, batch_size=4)
    model.reset_states(rows=2)  # now every row is zeros
    assert model.predict(x, batch_size=4).shape == (N, 1)


@uncompiled
def test_without_a_batch_size_a_call_takes_that_of_the_state():
    model, x, y = model_of("stateful", state=True)
    trained = model.copy()
    trained.fit(x, y, batch_size=3, verbose=0)
    with model.scratch_state():
        wanted = model.predict(x, batch_size=3)
        loss = model.evaluate(x, y, batch_size=3)
    with model.scratch_state():
        np.testing.assert_array_equal(model.predict(x), wanted)
        assert model.evaluate(x, y) == loss
    model.fit(x, y, verbose=0)
    assert changed(model, snapshot(trained)) == []


def test_a_batch_input_shape_names_the_batch_size_until_a_reset():
    layers = [LSTM(5, stateful=True, batch_input_shape=(4, 3, 2)), Dense(1)]
    model, x = Sequential(layers, dtype="float64"), np.random.default_rng(0).normal(size=(N, 3, 2))
    y = model.predict(x)
    assert model.get_states()["lstm"][1].shape == (4, 5)
    with refused(ValueError, "batch size differs"):
        model.predict(x, batch_size=3)
    model.reset_states()
    np.testing.assert_array_equal(model.predict(x), y)
    model.reset_states()
    assert np.abs(model.predict(x, batch_size=6) - y)[4:].min() > 1e-6  # rows meet others


def test_stateless_and_carried_batches_may_end_with_a_smaller_one():
    for mode in ("stateless", "batch_carried"):
        model, x, _ = model_of(mode)
        y = model.predict(x[:7], batch_size=3)
        assert_close(y[6:], model.predict(x[6:7]), EXACT)


@uncompiled
@pytest.mark.parametrize("mode", MODES)
def test_samples_are_shuffled_by_default_only_where_no_state_is_carried(mode):
    in_order = weights_after(mode, shuffle=False)
    default = weights_after(mode)
    assert np.array_equal(default, in_order) == (mode != "stateless")
    np.testing.assert_array_equal(weights_after(mode), default)  # one seed, one order


@pytest.mark.parametrize("mode", CARRIED)
def test_shuffling_carried_samples_is_obeyed_with_a_warning(mode):
    with pytest.warns(UserWarning, match="shuffle=True with a carried state"):
        shuffled = weights_after(mode, shuffle=True)
    assert not np.array_equal(shuffled, weights_after(mode))


def test_shuffling_visits_every_sample_once_an_epoch():
    model, x, y = model_of("stateless")
    model.compile(SGD(0.0), "mse")
    losses = model.fit(x, y, batch_size=3, epochs=3, shuffle=True, verbose=0).history["loss"]
    assert_close(losses, np.full(3, model.evaluate(x, y)), EXACT)


@uncompiled
@pytest.mark.parametrize("callbacks", [[], [Callback()]], ids=["alone", "watched"])
@pytest.mark.parametrize("batches", [1, 4])
def test_resetting_after_each_epoch_is_the_loop_of_the_tutorials(batches, callbacks):
    model, x, y = model_of("stateful", state=True)
    by_hand, x, y = model_of("stateful", state=True)[0], x[: 3 * batches], y[: 3 * batches]
    options = {"batch_size": 3, "verbose": 0}
    history = model.fit(x, y, epochs=3, reset_states="epoch", callbacks=callbacks, **options)
    losses = []
    for _ in range(3):
        losses += by_hand.fit(x, y, **options).history["loss"]
        by_hand.reset_states()
    np.testing.assert_array_equal(model.theta, by_hand.theta)
    assert history.history["loss"] == losses
    np.testing.assert_array_equal(model.state.values, 0)
    assert model.predict(x, batch_size=1).shape == (3 * batches, 1)


def test_a_layer_is_reset_alone():
    d = Draw((3, 4, 2, 5, 6), 4)
    layers = [LSTM(5, return_sequences=True, stateful=True), LSTM(6, stateful=True)]
    model = d.model(*layers, loss="mse")
    before = model.get_states()
    layers[0].reset_states(rows=[0, 2])
    after = model.get_states()
    for k in range(2):
        np.testing.assert_array_equal(after["lstm"][k][[0, 2]], 0)
        np.testing.assert_array_equal(after["lstm"][k][1], before["lstm"][k][1])
        np.testing.assert_array_equal(after["lstm_1"][k], before["lstm_1"][k])
    layers[1].reset_state()
    np.testing.assert_array_equal(model.get_states()["lstm_1"], np.zeros((2, 3, 6)))
    assert model.get_states()["lstm"][0][1].all()


REFUSED = {
    "carried and stateful": [("batch_carried", {}), ("stateful", {})],
    "carried and stateless": [("stateless", {}), ("batch_carried", {})],
    "carried and backwards": [("batch_carried", {"go_backwards": True})],
    "a stack with one backwards": [
        ("batch_carried", {"go_backwards": True}),
        ("batch_carried", {}),
    ],
}


@pytest.mark.parametrize("case", REFUSED)
def test_a_carried_batch_beside_what_it_cannot_be_with_is_refused(case):
    layers = [
        LSTM(3, return_sequences=True, **MODES[mode], **options) for mode, options in REFUSED[case]
    ]
    with refused(ValueError, "end to end"):
        Sequential(layers).build((None, 4, 2))


def test_the_two_spellings_of_a_mode_are_one_and_may_not_disagree():
    assert LSTM(3, stateful=True).state_mode == LSTM(3, state_mode="stateful").state_mode
    assert LSTM(3).state_mode == "stateless"
    for mode in ("stateless", "batch_carried"):
        with refused(ValueError, "stateful=True is Keras"):
            LSTM(3, stateful=True, state_mode=mode)


@uncompiled
def test_fewer_samples_than_the_default_batch_size_are_one_batch(rng):
    model = Sequential([LSTM(3, stateful=True, input_shape=(4, 2))])
    x = rng.normal(size=(5, 4, 2))
    model.predict(x)
    assert [state.shape for state in model.get_states()["lstm"]] == [(5, 3), (5, 3)]


@uncompiled
def test_given_states_may_have_other_rows_than_the_state_that_is_held(rng):
    model = Sequential([LSTM(3, stateful=True, input_shape=(4, 2))])
    model.predict(rng.normal(size=(2, 4, 2)), batch_size=2)
    x, states = rng.normal(size=(5, 4, 2)), rng.normal(size=(2, 5, 3))
    fresh = model.copy()
    fresh.reset_states()
    np.testing.assert_array_equal(model.forward(x, states), fresh.forward(x, states))
