"""Between two batches the model is whole: for exceptions, and for callbacks that use it."""

import pytest

import tinylstm
from tests.callbacks.test_callbacks import BATCHES, RNG, N, X, Y, calls_to, model_of
from tests.snapshots import changed, refused, snapshot
from tinylstm.callbacks import Callback

FAILS = {  # method: (which of its calls raises, batches made until then)
    "on_train_begin": (1, 0),
    "on_epoch_begin": (2, 3),
    "on_train_batch_begin": (5, 4),
    "on_train_batch_end": (5, 5),
    "on_epoch_end": (2, 6),
    "on_train_end": (1, 9),
}


@pytest.mark.uncompiled
@pytest.mark.parametrize("kind", [RuntimeError, KeyboardInterrupt])
@pytest.mark.parametrize("method", FAILS)
@pytest.mark.parametrize("verbose", [0, 1])
def test_an_exception_leaves_everything_as_after_the_last_whole_batch(method, kind, verbose):
    n, batches = FAILS[method]
    calls, ended = [], []

    def fail(self, *_):
        calls.append(method)
        if len(calls) == n:
            raise kind("in a callback")

    failing = type("Failing", (Callback,), {method: fail})()
    model, twin = model_of(stateful=True), model_of(stateful=True)
    with pytest.raises(kind, match="in a callback"):
        model.fit(
            *(X, Y),
            epochs=3,
            verbose=verbose,
            validation_data=(X[:2], Y[:2]),
            callbacks=[failing, calls_to(ended, methods=["on_train_end"])],
        )
    assert ended == []
    for k in range(batches):
        rows = slice(2 * (k % BATCHES), 2 * (k % BATCHES) + 2)
        twin.train_on_batch(X[rows], Y[rows])
    assert set(changed(model, snapshot(twin))) <= {"history", "order"}
    for one in (model, twin):
        one.fit(X, Y, epochs=2, verbose=0)
    assert set(changed(model, snapshot(twin))) <= {"order"}


@pytest.mark.uncompiled
def test_an_exception_in_the_validation_leaves_the_state_of_the_training(monkeypatch):
    model, twin = model_of(stateful=True), model_of(stateful=True)

    def fail(run, *kind):
        run(0, 1)  # one batch of it
        raise KeyboardInterrupt

    monkeypatch.setattr(tinylstm.engine.epochs, "run_pass", fail)
    with pytest.raises(KeyboardInterrupt):
        model.fit(X, Y, epochs=2, verbose=0, validation_data=(X[:4], Y[:4]))
    monkeypatch.undo()
    twin.fit(X, Y, epochs=1, verbose=0)
    assert changed(model, snapshot(twin)) == ["history"]


@pytest.mark.uncompiled
def test_a_callback_may_use_the_model_it_watches():
    class Predicts(Callback):
        def on_train_batch_end(self, batch, logs=None):
            with self.model.scratch_state(zero=True):
                self.model.predict(X, batch_size=N)
            self.model.forward(X[:2])

    model, twin = model_of(stateful=True), model_of(stateful=True)
    model.fit(X, Y, epochs=2, verbose=0, callbacks=[Predicts()])
    twin.fit(X, Y, epochs=2, verbose=0)
    assert changed(model, snapshot(twin)) == []


@pytest.mark.uncompiled
def test_a_state_that_a_callback_leaves_must_fit_the_batches():
    class Predicts(Callback):
        def on_epoch_end(self, epoch, logs=None):
            self.model.reset_states()
            self.model.predict(X[:1])

    model, twin = model_of(stateful=True), model_of(stateful=True)
    with refused(ValueError, "batch size differs from that of the state"):
        model.fit(X, Y, epochs=3, verbose=0, callbacks=[Predicts()])
    twin.fit(X, Y, verbose=0)
    assert set(changed(model, snapshot(twin))) == {"state"}


@pytest.mark.uncompiled
def test_a_state_that_a_callback_sets_after_a_reset_is_where_the_epoch_starts():
    states = {"lstm": RNG.normal(size=(2, 2, 4))}

    class Sets(Callback):
        def on_epoch_begin(self, epoch, logs=None):
            self.model.set_states(states)

    model, twin = model_of(stateful=True), model_of(stateful=True)
    model.fit(X, Y, epochs=3, verbose=0, reset_states="epoch", callbacks=[Sets()])
    for _ in range(3):
        twin.set_states(states)
        twin.fit(X, Y, verbose=0)
    twin.reset_states()
    assert changed(model, snapshot(twin)) == ["history"]
