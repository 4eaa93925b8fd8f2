"""Streams that break: the batches before are trained and told, then the error is raised."""

import numpy as np
import pytest

from tests.snapshots import changed, snapshot
from tinylstm import Sequential
from tinylstm.callbacks import Callback, LambdaCallback

from .data import B, Batches, N, endless, mapped, model_of

BROKEN = 5  # the number of the batch that is wrong; batches count from 0
EPOCH = -(-N // B)


class Boom(Exception):
    """A generator's own."""


def raising(error):
    def make(batch):
        raise error

    return make


def with_nan(x, y):
    x = x.copy()
    x[1, 2, 0] = np.nan
    return x, y


WRONG = {  # what takes the place of a batch: a function of it, the exception, a part of the message
    "raises": (raising(Boom("mine")), Boom, "^mine$"),
    "is interrupted": (raising(KeyboardInterrupt()), KeyboardInterrupt, "^$"),
    "exits": (raising(GeneratorExit("mine")), GeneratorExit, "^mine$"),
    "NaN": (lambda batch: with_nan(*batch), ValueError, r"^{}: x holds a value that is not finite"),
    "shape": (lambda batch: (batch[1], batch[1]), ValueError, "^{}: x has the wrong number of ax"),
    "steps": (lambda batch: (batch[0][:, :2], batch[1]), ValueError, "^{}: x has the wrong num"),
    "targets": (lambda batch: (batch[0], batch[1][:, :1]), ValueError, "^{}: y"),
    "tuple": (lambda batch: (*batch, None, None), ValueError, "^{}: This is not a batch"),
    "nothing": (lambda batch: None, ValueError, "^{}: This is not a batch"),
    "words": (lambda batch: (np.array(["a"] * B), batch[1]), TypeError, "^{}: x"),
}


def broken(batches, wrong, at=BROKEN):
    """A generator of which one batch is wrong."""
    for k, batch in enumerate(batches):
        yield wrong(batch) if k == at else batch


class BrokenBatches(Batches):
    """A Sequence of which one batch is wrong."""

    def __init__(self, *arrays, wrong, at=BROKEN):
        super().__init__(*arrays)
        self.wrong, self.at = wrong, at

    def __getitem__(self, k):
        batch = super().__getitem__(k)
        return self.wrong(batch) if k == self.at else batch


class Noting(Callback):
    """Notes what it is told of an epoch and its batches."""

    def __init__(self):
        self.seen = []

    def on_epoch_end(self, epoch, logs=None):
        self.seen.append((epoch, *logs.values()))


class NotingBatches(Noting):
    def on_train_batch_end(self, batch, logs=None):
        self.seen.append((batch, *logs.values()))


def stream_of(kind, arrays, wrong, at=BROKEN):
    if kind == "sequence":
        return BrokenBatches(*arrays, wrong=wrong, at=at)
    return broken(endless(*arrays), wrong, at)


@pytest.mark.parametrize("noting", [Noting, NotingBatches])
@pytest.mark.parametrize("kind", ["sequence", "generator"])
@pytest.mark.parametrize("name", WRONG)
def test_batches_before_a_wrong_one_are_trained_and_told(arrays, name, kind, noting):
    wrong, error, message = WRONG[name]
    x, y, _ = arrays
    first, notes, expected = (0 if kind == "sequence" else EPOCH), noting(), noting()
    model, twin = model_of(), model_of()
    options = {"steps_per_epoch": EPOCH, "verbose": 0}
    match = message.format(f"Batch {BROKEN} of epoch {1 if kind == 'sequence' else 2}")
    stream = stream_of(kind, (x, y), wrong, first + BROKEN)
    with pytest.raises(error, match=match) as caught:
        model.fit(stream, epochs=3, callbacks=[notes], **options)
    if error is Boom:
        assert caught.traceback[-1].name == "make"
        assert caught.value.__cause__ is None
    good = Batches(x, y)
    if first:
        twin.fit(good, callbacks=[expected], **options)
    else:
        twin.history = model.history  # of no epoch
        assert model.history.epoch == []
    weights = model.get_weights()
    history = model.history.history
    for k in range(BROKEN):
        twin.train_on_batch(*good[k])
    twin.epochs_seen = model.epochs_seen
    assert changed(model, snapshot(twin)) == []
    assert history == twin.history.history
    assert len(notes.seen) == len(expected.seen) + (noting is NotingBatches) * BROKEN
    assert notes.seen[: len(expected.seen)] == expected.seen
    assert all(np.isfinite(array).all() for array in weights)


@pytest.mark.parametrize("verbose", [1, 2])
@pytest.mark.usefixtures("at_a_terminal")
def test_the_bar_shows_all_batches_that_were_trained(arrays, verbose, capsys):
    stream = broken(endless(*arrays[:2]), raising(Boom()), EPOCH + BROKEN)
    with pytest.raises(Boom):
        model_of().fit(stream, steps_per_epoch=EPOCH, epochs=2, verbose=verbose)
    out, err = capsys.readouterr()
    assert (f"| {EPOCH + BROKEN}/{2 * EPOCH} " in err) == (verbose == 1)
    assert (f"{EPOCH}/{EPOCH} - " in out) == (verbose == 2)


def test_the_first_batch_is_named_too_and_nothing_has_changed(arrays):
    x, y, _ = arrays
    model = model_of()
    model.predict(x)
    before = snapshot(model)
    with pytest.raises(ValueError, match=r"^The first batch: x has the wrong number of axes"):
        model.fit(broken(endless(x, y), lambda batch: (batch[1], batch[1]), 0), steps_per_epoch=3)
    with pytest.raises(Boom, match="mine"):
        model.fit(broken(endless(x, y), raising(Boom("mine")), 0), steps_per_epoch=3)
    assert changed(model, before) == []


def test_a_model_that_was_not_built_stays_built_where_it_was_trained(arrays):
    x, y, _ = arrays
    for at in (0, BROKEN):
        model = Sequential([type(layer)(layer.units) for layer in model_of().layers])
        model.compile("adam", "mse")
        with pytest.raises(Boom):
            model.fit(broken(endless(x, y), raising(Boom()), at), verbose=0)
        assert (model.theta is not None) == (at > 0)
        assert model.optimizer.iterations == at


@pytest.mark.parametrize("shuffle", [False, True])
@pytest.mark.parametrize("sample", [20, 43, N - 1])
def test_a_memmap_trains_all_batches_before_the_one_with_nan(tmp_path, arrays, sample, shuffle):
    x, y, _ = arrays
    good = x.copy()
    x[sample, 1, 2] = np.nan
    notes = NotingBatches()
    model, twin = model_of(), model_of()
    with pytest.raises(
        ValueError, match=rf"^Batch \d of epoch 1, sample {sample}: x holds a value"
    ) as caught:
        model.fit(
            mapped(tmp_path, "x", x),
            y,
            batch_size=B,
            shuffle=shuffle,
            callbacks=[notes],
            verbose=0,
        )
    number = int(str(caught.value).split()[1])
    if not shuffle:
        assert number == sample // B
    stop = LambdaCallback(
        on_train_batch_end=lambda batch, _: setattr(twin, "stop_training", batch == number - 1)
    )
    if number:
        twin.fit(good, y, batch_size=B, shuffle=shuffle, callbacks=[stop], verbose=0)
    assert [batch for batch, *_ in notes.seen] == list(range(number))
    assert np.array_equal(model.theta, twin.theta)


@pytest.mark.parametrize("stateful", [False, True])
@pytest.mark.parametrize("name", WRONG)
@pytest.mark.parametrize("method", ["evaluate", "predict"])
def test_a_pass_that_fails_leaves_the_carried_state(arrays, method, name, stateful):
    wrong, error, message = WRONG[name]
    if method == "predict" and name in ("targets", "tuple"):
        return  # which it does not read
    x, y = (a[: 6 * B] for a in arrays[:2])
    model = model_of(stateful=stateful, batch=B if stateful else None)
    model.fit(x, y, batch_size=B, verbose=0)
    before = snapshot(model)
    if method == "predict" and name == "nothing":
        error, message = TypeError, "{}: x is missing"
    with pytest.raises(error, match=message.format(f"Batch {BROKEN}")):
        getattr(model, method)(broken(endless(x, y), wrong), steps=6)
    assert changed(model, before) == []


@pytest.mark.parametrize("method", ["evaluate", "predict"])
def test_a_pass_over_arrays_that_a_callback_ends_leaves_the_carried_state(arrays, method):
    x, y = (a[: 6 * B] for a in arrays[:2])
    model = model_of(stateful=True, batch=B)
    model.fit(x, y, verbose=0)
    before = snapshot(model)
    for error in (Boom, KeyboardInterrupt):
        ends = LambdaCallback(
            on_test_batch_end=lambda *_, error=error: raising(error())(None),
            on_predict_batch_end=lambda *_, error=error: raising(error())(None),
        )
        with pytest.raises(error):
            getattr(model, method)(*((x, y) if method == "evaluate" else (x,)), callbacks=[ends])
        assert changed(model, before) == []


@pytest.mark.parametrize("kind", ["sequence", "generator"])
def test_validation_that_breaks_is_named_and_the_updates_stay(arrays, kind):
    x, y = (a[: 6 * B] for a in arrays[:2])
    model, twin = (model_of(stateful=True, batch=B) for _ in range(2))
    validation = stream_of(kind, (x, y), WRONG["NaN"][0], 4)
    with pytest.raises(ValueError, match=r"^Batch 4 of the validation: x holds a value"):
        model.fit(x, y, epochs=3, validation_data=validation, validation_steps=6, verbose=0)
    twin.fit(x, y, verbose=0)
    twin.history = model.history
    assert changed(model, snapshot(twin)) == []


def test_a_sequence_hears_of_the_end_of_an_epoch_behind_its_last_batch(arrays):
    x, y, _ = arrays
    order = []

    class Telling(Batches):
        def on_epoch_end(self):
            order.append("sequence")
            raise Boom

    model, twin = model_of(), model_of()
    tells = LambdaCallback(
        on_train_batch_end=lambda batch, _: order.append(batch),
        on_epoch_end=lambda epoch, _: order.append("callback"),
    )
    with pytest.raises(Boom):
        model.fit(Telling(x, y), epochs=2, callbacks=[tells], verbose=0)
    assert order == [*range(EPOCH), "callback", "sequence"]
    twin.fit(Batches(x, y), verbose=0)
    assert np.array_equal(model.theta, twin.theta)
    assert model.history.history == twin.history.history


def test_a_sequence_has_as_many_batches_as_at_the_beginning(arrays):
    x, y, _ = arrays

    class Changing(Batches):
        def on_epoch_end(self):
            length = B * self.lengths.pop(0)
            self.arrays = [a[:length] for a in (x, y)]

    longer, shorter = Changing(x[: 3 * B], y[: 3 * B]), Changing(x, y)
    longer.lengths, shorter.lengths = [5, 3, 3], [3, 3]
    model = model_of()
    history = model.fit(longer, epochs=3, verbose=0)
    assert len(history.epoch) == 3
    assert model.optimizer.iterations == 9
    model = model_of()
    with pytest.warns(UserWarning, match="ended after 3 batches of epoch 2"):
        history = model.fit(shorter, epochs=3, verbose=0)
    assert len(history.epoch) == 2
    assert model.optimizer.iterations == EPOCH + 3


def test_stop_iteration_by_hand_is_an_error_as_in_any_generator(arrays):
    wrong = raising(StopIteration("mine"))
    for kind in ("sequence", "generator"):
        model = model_of()
        with pytest.raises(RuntimeError, match="generator raised StopIteration") as caught:
            model.fit(stream_of(kind, arrays[:2], wrong), verbose=0)
        assert isinstance(caught.value.__cause__, StopIteration)
        assert model.optimizer.iterations == BROKEN


def test_an_interrupt_that_came_with_batches_nobody_needed_is_heard_all_the_same(arrays):
    model, interrupted = model_of(), raising(KeyboardInterrupt())
    stops = LambdaCallback(
        on_train_batch_end=lambda *_: setattr(model, "stop_training", True),
        on_test_batch_end=lambda *_: setattr(model, "stop_evaluating", True),
    )
    for _ in range(2):  # the second time the pace is known, and batches are asked for ahead
        first, second = (broken(endless(*arrays[:2]), interrupted, 1) for _ in range(2))
        with pytest.raises(KeyboardInterrupt):
            model.fit(first, steps_per_epoch=4, callbacks=[stops], verbose=0)
        with pytest.raises(KeyboardInterrupt):
            model.evaluate(second, steps=4, callbacks=[stops])


def test_a_generator_that_is_closed_has_ended(arrays):
    model, stream = model_of(), endless(*arrays[:2])
    closes = LambdaCallback(on_epoch_end=lambda *_: stream.close())
    with pytest.warns(UserWarning, match="ended after 0 batches of epoch 2"):
        model.fit(stream, steps_per_epoch=3, epochs=4, callbacks=[closes], verbose=0)
    assert model.optimizer.iterations == 3


@pytest.mark.parametrize("call", ["predict", "fit", "evaluate", "compile"])
def test_a_generator_may_call_the_model_but_not_take_it_apart(arrays, call):
    x, y, _ = arrays
    model = model_of()

    def calling():
        for k, batch in enumerate(endless(x, y)):
            if k == 3:
                {
                    "predict": lambda: model.predict(x[:5]),
                    "fit": lambda: model.fit(x[:5], y[:5], verbose=0),
                    "evaluate": lambda: model.evaluate(Batches(x, y)),
                    "compile": lambda: model.compile("sgd", "mse"),
                }[call]()
            yield batch

    if call == "compile":
        for run in (
            lambda: model.fit(calling(), steps_per_epoch=6, verbose=0),
            lambda: model.evaluate(calling(), steps=6),
            lambda: model.fit(x, y, validation_data=calling(), validation_steps=6, verbose=0),
        ):
            with pytest.raises(ValueError, match="compile changes a model in training"):
                run()
        return
    history = model.fit(calling(), steps_per_epoch=6, verbose=0)
    assert model.optimizer.iterations == 6 + (call == "fit")
    assert history is model.history
    assert len(history.epoch) == 1
    twin = model_of()
    if call != "fit":
        twin.fit(Batches(x, y), steps_per_epoch=6, verbose=0)
        assert np.array_equal(model.theta, twin.theta)
    assert np.isfinite(model.evaluate(calling(), steps=6)).all()


def test_no_number_of_a_sequence_that_cannot_count_is_lost(arrays):
    class Forgetful(Batches):
        def __len__(self):
            if self.ends:
                raise TypeError("forgot")
            return super().__len__()

    model = model_of()
    with pytest.raises(ValueError, match="does not know how many batches"):
        model.fit(Forgetful(*arrays[:2]), epochs=2, verbose=0)
    assert model.optimizer.iterations == EPOCH
