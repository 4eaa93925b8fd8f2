"""Streams of every kind, broken in every way: no batch before is lost, and none comes twice.

What a model has become is compared, bit by bit, with a twin that was trained with plain arrays on
just the batches before; a pass that fails must have changed nothing.
"""

import random
import warnings
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

import tinylstm
from tests.attacks._streams import BREAKS, Boom, D, T, batches_of, draw, stream
from tests.data.staging.data import Batches
from tests.snapshots import changed, snapshot
from tinylstm import LSTM, Dense, Sequential
from tinylstm.callbacks import Callback
from tinylstm.data import staging
from tinylstm.threads import how_many


class Noting(Callback):
    """Notes the epochs that it is told of."""

    def __init__(self):
        self.epochs, self.batches = [], []

    def on_epoch_end(self, epoch, logs=None):
        self.epochs.append(epoch)


class NotingBatches(Noting):
    """Notes the batches too."""

    def on_train_batch_end(self, batch, logs=None):
        self.batches.append(batch)


def model_of(case, seed):
    """A model that has a history, moments and a state already."""
    tinylstm.set_random_seed(seed)
    batch = case.size if case.stateful else None
    lstm = LSTM(3, batch_input_shape=(batch, T, D), stateful=case.stateful)
    model = Sequential([lstm, Dense(2)])
    model.compile("adam", "mse", metrics=["mae"])
    model.fit(np.ones((case.size, T, D)), np.ones((case.size, 2)), case.size, verbose=0)
    return model


def attack(tries, seed):
    """Cases one after the other."""
    r = random.Random(seed)
    kept = staging.STAGE_BYTES, how_many.WORTH
    how_many.WORTH = 1  # threads share the smallest batches
    try:
        for _ in range(tries):
            case, number = draw(r), r.randrange(2**20)
            staging.STAGE_BYTES = case.stage_bytes
            tinylstm.set_num_threads(case.team)
            judge = fit_finds if case.method == "fit" else pass_finds
            with TemporaryDirectory() as folder, warnings.catch_warnings():
                warnings.simplefilter("error")
                with redirect_stdout(StringIO()):
                    finds = list(judge(case, number, Path(folder)))
            yield from (f"{case}, {number}: {find}" for find in finds)
    finally:
        staging.STAGE_BYTES, how_many.WORTH = kept
        tinylstm.set_num_threads(None)


def outcome(call):
    """What a call returns, and what it raises."""
    try:
        return call(), None
    except BaseException as error:
        return None, error


def wrong_error(case, error, name):
    """What is wrong with what was raised, a sentence; or None.

    name: what its message begins with, of the batch; None where nothing is to be raised.
    """
    if name is None:
        return None if error is None else f"raised {error!r}"
    _, kind = BREAKS[case.how]
    if not isinstance(error, kind):
        return f"raised {error!r}"
    if isinstance(error, Boom | KeyboardInterrupt | GeneratorExit):
        return None if str(error) == "mine" else f"said {error}"
    return None if str(error).startswith(name) else f"{name} is not named: {error}"


def expected(case):
    """Batches that are trained, epochs that are whole, and the name of the batch that is wrong."""
    done = case.steps * case.epochs if case.at is None else case.at
    if case.validated == "broken" and done >= case.steps:  # the first validation is the end
        return case.steps, 0, "Batch 1 of the validation"
    name = None
    if case.at is not None:
        batch = f"Batch {case.at % case.steps} of epoch {case.at // case.steps + 1}"
        name = name_of(case, batch)
    return done, done // case.steps, name


def name_of(case, batch):
    """What begins a message on the wrong batch; of a file, its first sample is wrong."""
    if case.kind == "memmap":
        return f"{batch}, sample {case.at * case.size}: " if case.at else "x holds a value"
    return f"{batch}: " if case.at else "The first batch: "


def fit_finds(case, number, folder):
    """What is wrong after a training."""
    rng = np.random.default_rng(number)
    arrays, (wrong, _) = case.data(rng), BREAKS[case.how]
    model, twin = model_of(case, number), model_of(case, number)
    x, beside = stream(case, arrays, wrong, folder)
    notes = NotingBatches() if case.between else Noting()
    validation, ours = validation_of(case, rng, wrong)
    options = {"epochs": case.epochs, "callbacks": [notes], "verbose": case.verbose}
    _, error = outcome(lambda: model.fit(x, **beside, **ours, **options))
    done, whole, name = expected(case)
    if find := wrong_error(case, error, name):
        yield find
    plain = dict(zip(("x", "y", "sample_weight"), arrays, strict=False))
    if whole:
        options = {"validation_data": validation, "epochs": whole}
        twin.fit(**plain, batch_size=case.size, shuffle=False, verbose=0, **options)
    good = Batches(*arrays, size=case.size)
    for k in range(whole * case.steps, done):
        twin.train_on_batch(*good[k % case.steps])
    twin.epochs_seen = model.epochs_seen  # which it was not told
    history = twin.history.history if whole or not done else {}
    if different := [one for one in changed(model, snapshot(twin)) if one != "history"]:
        yield f"{different} differ after {model.optimizer.iterations} updates"
    if not alike(model.history.history, history):
        yield "the history differs"
    if notes.epochs != list(range(whole)):
        yield f"told of epochs {notes.epochs}"
    if case.between and notes.batches != [k % case.steps for k in range(done)]:
        yield f"told of batches {notes.batches}"
    for one in (model, twin):
        one.fit(**plain, batch_size=case.size, shuffle=False, verbose=0)
    if [one for one in changed(model, snapshot(twin)) if one != "history"]:
        yield "it does not go on as its twin"


def validation_of(case, rng, wrong):
    """Validation data as arrays, and the arguments of `fit`."""
    if case.validated == "nothing":
        return None, {}
    arrays = case._replace(weighted=False, steps=3).data(rng)
    if case.validated == "arrays":
        return tuple(arrays), {"validation_data": tuple(arrays)}
    at = 1 if case.validated == "broken" else None
    given = case._replace(weighted=False, steps=3, at=at, kind="generator")
    return tuple(arrays), {
        "validation_data": batches_of(given, arrays, wrong),
        "validation_steps": 3,
    }


def alike(history, other):
    """Whether two histories have the same numbers, but for rounding in their sums."""
    return history.keys() == other.keys() and all(
        len(history[name]) == len(other[name])
        and np.allclose(history[name], other[name], rtol=1e-5, atol=1e-7)
        for name in other
    )


def pass_finds(case, number, folder):
    """What is wrong after `evaluate` or `predict`."""
    rng = np.random.default_rng(number)
    arrays, (wrong, _) = case.data(rng), BREAKS[case.how]
    model, twin = model_of(case, number), model_of(case, number)
    x, beside = stream(case, arrays, wrong, folder)
    before = snapshot(model)
    result, error = outcome(lambda: getattr(model, case.method)(x, **beside))
    name = None
    if case.at is not None:
        name = name_of(case, f"Batch {case.at}")
    if find := wrong_error(case, error, name):
        yield find
    if case.at is not None:
        if different := changed(model, before):
            yield f"{different} changed in a pass that failed"
        return
    plain = dict(zip(("x", "y", "sample_weight"), arrays, strict=False))
    given = {"x": plain["x"]} if case.method == "predict" else plain
    wanted = getattr(twin, case.method)(**given, batch_size=case.size)
    if not np.allclose(result, wanted, rtol=1e-5, atol=1e-7):
        yield "another result"
    if different := changed(model, snapshot(twin)):
        yield f"{different} differ"
