"""The modules pickle and copy: plain data goes through, what lives in a model says what does."""

import copy
import pickle

import numpy as np
import pytest

from tests.snapshots import refused
from tests.surface.use import STATE, H, T, X, Y, model
from tinylstm import (
    LSTM,
    Adam,
    Bidirectional,
    Dense,
    Embedding,
    Sequential,
    TimeDistributed,
    callbacks,
    gradient_check,
    losses,
)
from tinylstm.plotting.recording import StateRecorder

COPIES = {
    "pickle": lambda thing: pickle.loads(pickle.dumps(thing)),
    "deepcopy": copy.deepcopy,
    "copy": copy.copy,
}
each_way = pytest.mark.parametrize("way", COPIES.values(), ids=COPIES)


OF_A_MODEL = {  # what it is, and the way out
    "a state": (lambda: model().state, "model.get_states()"),
    "a stepper": (lambda: model().stepper(), "stepper.copy()"),
    "a recorder": (lambda: StateRecorder(model()), "recorder.batches"),
}


@each_way
@pytest.mark.parametrize("case", OF_A_MODEL)
def test_what_holds_a_models_memory_says_how_it_is_copied(way, case):
    make, way_out = OF_A_MODEL[case]
    with refused(TypeError, "cannot be pickled, nor copied") as caught:
        way(make())
    assert way_out in str(caught.value)


def trained(*given):
    """A history, and the callbacks beside it, of a validated training."""
    made = model("linear", loss="mse")
    return made.fit(X, Y, 2, epochs=3, verbose=0, validation_data=(X, Y), callbacks=[*given])


@each_way
def test_a_history_goes_through(way):
    history = trained()
    found = way(history)
    assert found.history == history.history
    assert found.epoch == history.epoch == [0, 1, 2]
    assert found.params == history.params
    assert found.model is None
    assert repr(found) == repr(history)
    found.plot()


@each_way
def test_a_callback_goes_through_and_serves_another_training(way):
    stopping = callbacks.EarlyStopping(patience=1, restore_best_weights=True)
    trained(stopping)
    found = way(stopping)
    assert (found.best, found.best_epoch) == (stopping.best, stopping.best_epoch)
    assert found.model is None
    trained(found)
    assert found.model is not stopping.model


@each_way
def test_a_trace_goes_through_with_the_gradients_that_it_has(way):
    made = model()
    trace = made.trace(X)
    before = way(trace)["lstm"]
    np.testing.assert_array_equal(before.c, trace["lstm"].c)
    with refused(AttributeError, "no such array"):
        before.dz  # noqa: B018
    made.backward(Y)
    after = way(way(trace))
    np.testing.assert_array_equal(after["lstm"].dz, trace["lstm"].dz)
    np.testing.assert_array_equal(after.y, trace.y)
    np.testing.assert_array_equal(after.states["lstm"], trace.states["lstm"])


def gradients():
    """Those of a forward pass."""
    made = model()
    made.forward(X, states=STATE)
    return made.backward(Y)


@each_way
def test_gradients_and_their_check_go_through(way):
    found, expected = way(gradients()), gradients()
    np.testing.assert_array_equal(found["lstm"]["kernel"], expected["lstm"]["kernel"])
    np.testing.assert_array_equal(found.x, expected.x)
    report = gradient_check(model(), X, Y)
    assert str(way(report)) == str(report)


@each_way
@pytest.mark.parametrize("name", losses.LOSSES)
def test_a_loss_goes_through(way, name):
    assert way(losses.get(name)) is losses.get(name)


LAYERS = {
    "LSTM": lambda: LSTM(H, kernel_initializer="he_uniform", dropout=0.5, name="reader"),
    "Dense": lambda: Dense(H, "tanh", kernel_regularizer="l2"),
    "TimeDistributed": lambda: TimeDistributed(Dense(2, "relu")),
    "Bidirectional": lambda: Bidirectional(LSTM(2)),
    "Embedding": lambda: Embedding(4, 3),
}


@each_way
@pytest.mark.parametrize("kind", LAYERS)
def test_a_layer_of_no_model_and_a_new_optimiser_go_through(way, kind):
    layer, optimizer = LAYERS[kind](), Adam(0.125)
    found = way(layer), way(optimizer)
    models = [Sequential([one]) for one in (layer, found[0])]
    for made, chosen in zip(models, (optimizer, found[1]), strict=True):
        made.compile(chosen, "mse")
        made.build((None, T) if kind == "Embedding" else (None, T, 2))
    shapes = [[w.shape for w in made.get_weights()] for made in models]
    assert shapes[0] == shapes[1]
    assert repr(found[1]) == repr(optimizer)


@each_way
@pytest.mark.parametrize("name", ["categorical_crossentropy", "mse"])
def test_a_loss_of_outputs_stays_one(way, name):
    loss = losses.get(name)
    twin = way(losses.Loss(loss.name, loss.kernel, loss.fused, reads_output=True))
    assert (twin.name, twin.reads_output) == (losses.get(name).name, True)
