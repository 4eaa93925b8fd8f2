"""Forks at random moments, while a thread makes, trains and asks models: the child uses them.

The child must find a model as a twin was at one of its whole batches, and can do all with it.
"""

import contextlib
import threading
import time
from functools import partial
from types import SimpleNamespace

import numpy as np

import tinylstm
from tests.children import said_by_child
from tests.switching import often_switched
from tests.tolerances import bits
from tinylstm import LSTM, Dense, Sequential
from tinylstm.callbacks import Callback
from tinylstm.threads import how_many

N, T, D, B = 32, 4, 3, 4
RNG = np.random.default_rng(2)
X, Y = RNG.normal(size=(N, T, D)).astype("float32"), RNG.normal(size=(N, 1)).astype("float32")
FIT = {"batch_size": B, "epochs": 20, "verbose": 0}
LONGEST = 0.02  # seconds from one fork to the next


def model_of(units=8, **lstm):
    """A compiled and built model, always the same."""
    lstm = {"recurrent_initializer": "glorot_uniform"} | lstm  # no BLAS, which has locks of its own
    model = Sequential([LSTM(units, input_shape=(T, D), **lstm), Dense(1)])
    model.seed = 7
    model.compile("adam", "mse")
    model.build((None, T, D))
    return model


def digest(model):
    """What training and passes change."""
    state, rule = model.state, model.optimizer.rule
    seen = bits(model.theta), bits(model.optimizer.moments), rule.tobytes(), model.epochs_seen
    return hash((*seen, state.values.tobytes(), state.rows, state.free))


class Noting(Callback):
    """Notes each moment that a child may find."""

    def __init__(self):
        self.found = set()

    def note(self, *_, **__):
        self.found.add(digest(self.model))

    on_train_begin = on_train_end = on_epoch_begin = on_epoch_end = note
    on_train_batch_begin = on_train_batch_end = note
    on_predict_batch_begin = on_predict_batch_end = on_test_batch_end = note


def epochs(model, callbacks=()):
    model.fit(X, Y, callbacks=[*callbacks], **FIT)


def validated(model, callbacks=()):
    options = FIT | {"epochs": 6}
    model.fit(X, Y, validation_data=(X, Y), callbacks=[*callbacks], **options)


def with_resets(model, callbacks=()):
    model.fit(X, Y, reset_states="epoch", callbacks=[*callbacks], **FIT)


def passes(model, callbacks=()):
    for _ in range(5):
        model.predict(X, B, callbacks=[*callbacks])
        model.reset_states()


def one_by_one(model, callbacks=()):
    note = callbacks[0].note if callbacks else lambda: None
    for _ in range(5):
        for k in range(0, N, B):
            model.train_on_batch(X[k : k + B], Y[k : k + B])
            note()


def anew(model, callbacks=()):
    """Weights that are set, and set back."""
    values = model.get_weights()
    for factor in (1.0, 2.0) * 5:
        model.set_weights([factor * value for value in values])
        if callbacks:
            callbacks[0].note()


JOBS = {  # what a thread does, with which model
    "fit": (epochs, {}),
    "fit with validation": (validated, {"stateful": True}),
    "fit with resets": (with_resets, {"stateful": True}),
    "fit by several threads": (epochs, {"units": 16}),
    "predict": (passes, {"stateful": True}),
    "train_on_batch": (one_by_one, {}),
    "set_weights": (anew, {"units": 100}),
}


def moments_of(job, options):
    """What a twin has been, from its first batch to its last."""
    model, noting = model_of(**options), Noting()
    noting.set_model(model)
    noting.note()
    job(model, [noting])
    return noting.found


def found_by_child(place, moments):
    """All that a child does with the model that it finds; returns a sentence, or None."""
    model = place.model
    if model.theta is not None and digest(model) not in moments:
        return f"The child's model is at no whole batch, after {model.optimizer.iterations}."
    if model._lock._is_owned() or model.recorders:
        return "The child's model is still in a call."
    model.reset_states()
    model.fit(X, Y, B, verbose=0)
    model.layers[0].get_weights()
    model.stepper()(np.zeros(D))
    model.add(Dense(2))
    model.compile("sgd", "mse")
    model.fit(X, np.ones((N, 2)), B, verbose=0)
    model.pop()
    return None if np.isfinite(model.predict(X, B)).all() else "The child's answer is not finite."


@contextlib.contextmanager
def again_and_again(job, options):
    """A thread does it with one new model after the other; yields where the last one is."""
    place, ended = SimpleNamespace(model=model_of(**options)), threading.Event()

    def work():
        while not ended.is_set():
            place.model = model_of(**options)
            job(place.model)

    thread = threading.Thread(target=work)
    thread.start()
    try:
        yield place
    finally:
        ended.set()
        thread.join()


@contextlib.contextmanager
def settings(name):
    """Threads of Python that change often; and several for a batch, where a job is theirs."""
    worth = how_many.WORTH
    if "threads" in name:
        tinylstm.set_num_threads(2)
        how_many.WORTH = 1
    try:
        with often_switched(1e-5):
            yield
    finally:
        tinylstm.set_num_threads(None)
        how_many.WORTH = worth


def attack(tries, seed):
    """Fork so often, in turn while each of the jobs is done."""
    rng = np.random.default_rng(seed)
    for k, (name, (job, options)) in enumerate(JOBS.items()):
        with settings(name):
            moments = moments_of(job, options)
            with again_and_again(job, options) as place:
                for _ in range(k, tries, len(JOBS)):
                    time.sleep(rng.random() * LONGEST)
                    said = said_by_child(partial(found_by_child, place, moments))
                    if said:
                        yield f"{name}: {said}"
