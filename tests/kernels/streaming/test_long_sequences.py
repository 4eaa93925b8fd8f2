"""Sequences of 100,000 steps: whole, in pieces that hand the state on, and step by step."""

import time

import numpy as np
import pytest

import tinylstm
from tests.engine.test_interrupts import LIMIT, LONG, CtrlC
from tests.tolerances import NAIVE, assert_close
from tinylstm import LSTM, Adam, Dense, Sequential

T, PIECE = 100_000, 100
ANGLES = 0.3 * np.arange(T + 1, dtype=np.float64)
X = np.sin(ANGLES[:-1]).astype(np.float32).reshape(1, T, 1)
Y = np.sin(ANGLES[1:]).astype(np.float32).reshape(1, T, 1)  # the next value of a sine
X_PIECES, Y_PIECES = (a.reshape(-1, PIECE, 1) for a in (X, Y))
GROWS = 4  # at most so many times the cost of a step in a sequence a tenth as long


def model_of(**options):
    """The same weights each time."""
    tinylstm.set_random_seed(7)
    layers = [LSTM(4, return_sequences=True, input_shape=(None, 1), **options), Dense(1)]
    model = Sequential(layers)
    model.compile(Adam(0.02), "mse")
    return model


def twin_of(model, **options):
    twin = model_of(**options)
    twin.set_weights(model.get_weights())
    return twin


def test_a_whole_sequence_trains():
    losses = model_of().fit(X, Y, epochs=25, verbose=0).history["loss"]
    assert losses[-1] < losses[0] / 10


def test_pieces_that_hand_the_state_on_train():
    model = model_of(stateful=True)
    options = {"batch_size": 1, "reset_states": "epoch", "verbose": 0}
    losses = model.fit(X_PIECES, Y_PIECES, epochs=2, **options).history["loss"]
    assert losses[1] < losses[0] / 10
    assert losses[1] < 0.001


def test_whole_in_pieces_and_step_by_step_it_is_the_same():
    model = model_of()
    whole = model.predict(X)[0]
    pieces = twin_of(model, stateful=True).predict(X_PIECES, batch_size=1)
    assert_close(pieces.reshape(whole.shape), whole, NAIVE["float32"], "pieces")
    chained = twin_of(model, state_mode="batch_carried").predict(X_PIECES, batch_size=T // PIECE)
    assert_close(chained.reshape(whole.shape), whole, NAIVE["float32"], "one batch")
    stepper = model.stepper()
    steps = np.array([stepper(x).copy() for x in X[0]])
    assert_close(steps, whole, NAIVE["float32"], "steps")


def seconds_a_step(model, length, repeats=20):
    """Of the processor, for a training batch, the quickest of some."""
    took = []
    for _ in range(repeats):
        started = time.process_time()
        model.train_on_batch(X[:, :length], Y[:, :length])
        took.append(time.process_time() - started)
    return min(took) / length


def test_the_cost_of_a_step_does_not_grow_with_the_sequence():
    model = model_of()
    assert seconds_a_step(model, T) < GROWS * seconds_a_step(model, T // 10)


@pytest.mark.parametrize("display", [0, 1])
def test_ctrl_c_is_heard_between_pieces(display):
    model = model_of(stateful=True)
    model.fit(X_PIECES[:2], Y_PIECES[:2], batch_size=1, verbose=0)
    with CtrlC() as stopped:
        model.fit(X_PIECES, Y_PIECES, batch_size=1, epochs=LONG, verbose=display)
    assert stopped.took < LIMIT
    assert np.isfinite(model.theta).all()
