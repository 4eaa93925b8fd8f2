"""What refused, interrupted or repeated calls leave: nothing half changed, nothing out of date."""

import copy
import threading

import numpy as np
import pytest

import tinylstm.model
from tests.snapshots import changed, refused, snapshot
from tests.switching import often_switched
from tinylstm import LSTM, SGD, Adam, Dense, Dropout, Sequential, gradient_check
from tinylstm.callbacks import Callback
from tinylstm.losses import LOSSES

uncompiled = pytest.mark.uncompiled
RNG = np.random.default_rng(5)
X, Y = RNG.normal(size=(6, 4, 2)), RNG.normal(size=(6, 3))


def model_of(**options):
    model = Sequential([LSTM(5, input_shape=(4, 2), **options), Dense(3)])
    model.compile("adam", "mse", metrics=["mae"])
    model.fit(X, Y, batch_size=2, verbose=0)
    return model


@uncompiled
def test_weights_outlive_a_layer_that_is_added_and_a_refused_call():
    model = model_of()
    kept = model.get_weights()
    model.add(Dense(2))
    with refused(ValueError, "does not fit"):
        model.fit(X, Y, verbose=0)
    for before, after in zip(kept, model.get_weights(), strict=False):
        np.testing.assert_array_equal(before, after)


@uncompiled
def test_an_interrupted_compile_leaves_the_optimiser_and_the_loss(monkeypatch):
    model = model_of()
    before = snapshot(model)

    def interrupted(*arguments):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(tinylstm.engine.scored, "address_for", interrupted)
        with pytest.raises(KeyboardInterrupt):
            model.compile("sgd", "mae", metrics=["mse"])
    assert changed(model, before) == []
    assert isinstance(model.optimizer, Adam)
    assert model.metrics_names == ["loss", "mae"]
    model.fit(X, Y, batch_size=2, verbose=0)


@uncompiled
def test_an_optimiser_that_was_replaced_may_come_back():
    model, adam = model_of(), Adam()
    for optimizer in (adam, SGD(), adam):
        model.compile(optimizer, "mse")
        model.fit(X, Y, batch_size=2, verbose=0)
    assert model.optimizer.iterations == 3


@uncompiled
@pytest.mark.parametrize("length", [1, 5, 7])
def test_a_gradient_check_needs_a_weight_for_each_sample(length):
    with refused(ValueError, "is a weight for each sample"):
        gradient_check(model_of(), X, Y, sample_weight=np.ones(length))


@uncompiled
def test_the_reset_of_the_only_stateful_layer_frees_the_batch_size():
    first = LSTM(5, input_shape=(4, 2), stateful=True, return_sequences=True)
    model = Sequential([first, LSTM(3)])
    model.predict(X, batch_size=2)
    first.reset_states()
    assert model.predict(X, batch_size=3).shape == (6, 3)


@uncompiled
@pytest.mark.parametrize(
    "change",
    [
        lambda m: m.train_on_batch(X, Y),
        lambda m: m.set_weights(m.get_weights()),
        lambda m: m.layers[1].set_weights(m.layers[1].get_weights()),
        lambda m: m.add(Dense(2)),
    ],
    ids=["an update", "set_weights", "layer.set_weights", "add"],
)
def test_backward_needs_a_forward_pass_of_the_present_parameters(change):
    model = model_of()
    y = model.forward(X)
    change(model)
    with refused(ValueError, "backward follows a forward pass"):
        model.backward(np.ones_like(y))


def test_only_an_activation_layer_gives_its_place_to_the_loss():
    class Own(Dropout):
        activation = "softmax"

    model = Sequential([Dense(3, input_shape=(2,), activation="softmax"), Own(0.5)])
    model.build((None, 2))
    loss = LOSSES["categorical_crossentropy"]
    assert loss.kernel_for(model.network.chain) == (loss.kernel, False)
    assert loss.kernel_for(model.network.chain[:-1]) == (loss.fused["softmax"], True)


@uncompiled
def test_a_trace_can_be_asked_for_what_it_has_not_and_copied():
    trace = model_of().trace(X)["lstm"]
    assert not hasattr(trace, "gate")
    np.testing.assert_array_equal(copy.copy(trace).f, trace.f)


@uncompiled
def test_no_epochs_reset_nothing():
    model = model_of(stateful=True)
    held = model.get_states()["lstm"][0]
    model.fit(X, Y, batch_size=2, epochs=0, verbose=0, reset_states="epoch")
    np.testing.assert_array_equal(model.get_states()["lstm"][0], held)
    assert held.any()


@pytest.mark.parametrize("share", ["beta_1", "beta_2"])
def test_a_share_that_is_kept_is_below_one(share):
    with refused(ValueError, share):
        Adam(**{share: 1.0})


@uncompiled
def test_two_traces_of_one_shape_are_two():
    model = model_of()
    first, second = model.trace(X)["lstm"], model.trace(X + 1)["lstm"]
    assert np.abs(first.f - second.f).max() > 1e-3
    np.testing.assert_array_equal(model.trace(X)["lstm"].f, first.f)


@uncompiled
def test_gradients_of_a_trace_are_there_after_backward():
    model = model_of()
    trace = model.trace(X)["lstm"]
    with pytest.raises(AttributeError, match=r"Expected: model.backward\(dy\) first"):
        trace.dz  # noqa: B018
    model.backward(np.ones((6, 3)))
    assert trace.dz.any()
    assert "f (6, 4, 5)" in repr(trace)


@pytest.mark.parametrize(
    ("make", "hint"),
    [
        (lambda: LSTM(4, return_sequence=True), "mean 'return_sequences'"),
        (lambda: SGD(momentm=0.9), "mean 'momentum'"),
        (lambda: Dense(4, use_bas=False), "mean 'use_bias'"),
    ],
)
def test_an_argument_that_nobody_knows_is_named_with_the_nearest(make, hint):
    with refused(ValueError, hint):
        make()


def test_what_a_callback_changed_before_it_failed_is_changed():
    model = model_of()
    arrays = [array + 1 for array in model.get_weights()]
    changes = model.changes

    class Fails(Callback):
        def on_train_begin(self, logs=None):
            self.model.set_weights(arrays)
            self.model.noted = "by the callback"
            raise RuntimeError("no")

    with pytest.raises(RuntimeError, match="no"):
        model.fit(X, Y, verbose=0, callbacks=[Fails()])
    np.testing.assert_array_equal(model.get_weights()[0], arrays[0].astype(model.dtype))
    assert model.changes > changes
    assert model.noted == "by the callback"


def test_a_model_that_is_put_back_can_be_read_meanwhile():
    model, seen, stop = Sequential([Dense(1)]), [], threading.Event()
    model.compile("sgd", "mse")

    def read():
        while not stop.is_set():
            try:
                seen.append(model.name)
            except AttributeError:
                seen.append(None)

    reader = threading.Thread(target=read)
    with often_switched():
        try:
            reader.start()
            for _ in range(2000):
                with pytest.raises(ValueError, match="samples"):
                    model.fit(np.zeros((4, 2)), np.zeros((5, 1)))
        finally:
            stop.set()
            reader.join()
    assert set(seen) == {"sequential"}
