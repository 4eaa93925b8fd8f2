"""What a `Recorder` keeps is what the training had: weights, numbers, norms of gradients."""

import numpy as np
import pytest

import tinylstm
from tests.kernels.threads.test_together import TOGETHER
from tests.tolerances import assert_close
from tinylstm import LSTM, SGD, Adam, Dense, Recorder, Sequential
from tinylstm.callbacks import (
    BackupAndRestore,
    Callback,
    EarlyStopping,
    LambdaCallback,
)
from tinylstm.threads import how_many

N, T, D, SIZE = 12, 5, 3, 4
RNG = np.random.default_rng(4)
X, Y = RNG.normal(size=(N, T, D)), RNG.normal(size=(N, 1))
BOUNDS = {"clipnorm": 1.0, "clipvalue": 0.5, "global_clipnorm": 1.2}
NEAR = 1e-12


def model_of(optimizer=None, dtype="float64", **lstm):
    tinylstm.set_random_seed(7)
    model = Sequential([LSTM(6, **lstm), Dense(1)], dtype=dtype)
    model.compile(optimizer or Adam(0.01), "mse", metrics=["mae"])
    model.build((SIZE if lstm else None, T, D))
    return model


def fit(model, *callbacks, epochs=8, **options):
    options = {"batch_size": SIZE, "shuffle": False, "verbose": 0} | options
    return model.fit(X, Y, epochs=epochs, callbacks=list(callbacks), **options)


@pytest.mark.uncompiled
@pytest.mark.parametrize(
    ("epochs", "kept"),
    [
        (0, [0, 20]),
        (3, [0, 10, 20]),
        (5, [0, 5, 10, 15, 20]),
        ("all", [*range(21)]),
        ("log", [0, 1, 2, 3, 4, 6, 8, 11, 16, 20]),
        ([7, 3, 50], [0, 3, 7, 20]),
    ],
    ids=repr,
)
def test_the_weights_are_kept_after_the_epochs_that_were_chosen(epochs, kept):
    model, recorder, weights = model_of(), Recorder(epochs), {0: None}
    weights[0] = model.get_weights()
    note = LambdaCallback(
        on_epoch_end=lambda epoch, logs: weights.update({epoch + 1: model.get_weights()})
    )
    fit(model, recorder, note, epochs=20)
    assert recorder.epochs == kept
    for epoch in kept:
        for found, expected in zip(recorder.weights(epoch).values(), weights[epoch], strict=True):
            np.testing.assert_array_equal(found, expected)
    assert [*recorder.weights(0)] == [
        *("lstm/kernel", "lstm/recurrent_kernel", "lstm/bias", "dense/kernel", "dense/bias")
    ]


def test_the_last_epoch_is_kept_wherever_the_training_stops():
    model, recorder = model_of(), Recorder([2])
    stop = EarlyStopping("loss", baseline=0, patience=5)
    history = fit(model, recorder, stop, epochs=100)
    assert len(history.epoch) < 100
    assert recorder.epochs == [0, 2, len(history.epoch)]
    np.testing.assert_array_equal(recorder.vectors[-1], model.theta)
    assert recorder.logs == history.history


def raw_gradients(model, rates, epochs):
    """Gradients of each batch by name, before they are clipped, with the update of plain SGD."""
    measuring = model.copy()
    measuring.compile(SGD(1.0), "mse")
    for epoch in range(epochs):
        for start in range(0, N, SIZE):
            batch = slice(start, start + SIZE)
            before = measuring.get_weights()
            measuring.train_on_batch(X[batch], Y[batch])
            after = measuring.get_weights()
            gradients = [a - b for a, b in zip(before, after, strict=True)]
            yield epoch, gradients
            bounded = CLIPPED[rates[0]](gradients, rates[1])
            measuring.set_weights([w - 0.1 * g for w, g in zip(before, bounded, strict=True)])


def scaled(part, norm, limit):
    return part * (limit / norm if norm > limit else 1.0)


def of_all(gradients):
    return np.sqrt(sum(np.sum(part**2) for part in gradients))


CLIPPED = {
    "none": lambda parts, limit: parts,
    "clipnorm": lambda parts, limit: [scaled(a, np.linalg.norm(a), limit) for a in parts],
    "clipvalue": lambda parts, limit: [np.clip(a, -limit, limit) for a in parts],
    "global_clipnorm": lambda parts, limit: [scaled(a, of_all(parts), limit) for a in parts],
}


@pytest.mark.uncompiled
@pytest.mark.parametrize("bound", CLIPPED)
def test_norms_are_those_of_each_batch_before_it_is_clipped(bound):
    limit, epochs = BOUNDS.get(bound), 4
    model = model_of(SGD(0.1, **({} if limit is None else {bound: limit})))
    expected, clipped = [[] for _ in range(epochs)], [0] * epochs
    for epoch, gradients in raw_gradients(model, (bound, limit), epochs):
        norms = [of_all(gradients), *(np.linalg.norm(part) for part in gradients)]
        expected[epoch].append(norms)
        bounded = CLIPPED[bound](gradients, limit)
        clipped[epoch] += any((a != b).any() for a, b in zip(gradients, bounded, strict=True))
    fit(model, recorder := Recorder(), epochs=epochs)
    for norms, batches, count in zip(recorder.norms, expected, clipped, strict=True):
        assert (norms.batches, norms.clipped) == (N // SIZE, count)
        assert [*norms.mean][:2] == ["all", "lstm/kernel"]
        assert_close(np.array([*norms.mean.values()]), np.mean(batches, axis=0), NEAR)
        assert_close(np.array([*norms.largest.values()]), np.max(batches, axis=0), NEAR)
    assert bound == "none" or 0 < sum(clipped) < epochs * N // SIZE


@pytest.mark.uncompiled
def test_a_recorder_changes_nothing():
    for optimizer in (lambda: Adam(0.01), lambda: Adam(0.01, global_clipnorm=0.1)):
        alone, watched = model_of(optimizer()), model_of(optimizer())
        fit(alone)
        fit(watched, Recorder("all"))
        np.testing.assert_array_equal(alone.theta, watched.theta)


def assert_alike(found, expected):
    """Norms of two trainings that differ in the order of sums."""
    for one, other in zip(found, expected, strict=True):
        assert (one.batches, one.clipped) == (other.batches, other.clipped)
        assert one.mean == pytest.approx(other.mean, rel=1e-9)
        assert one.largest == pytest.approx(other.largest, rel=1e-9)


def test_the_norms_of_a_generator_are_those_of_arrays():
    def batches():
        while True:
            for start in range(0, N, SIZE):
                yield X[start : start + SIZE], Y[start : start + SIZE]

    fit(model_of(), of_arrays := Recorder())
    options = {"steps_per_epoch": N // SIZE, "epochs": 8, "verbose": 0}
    model_of().fit(batches(), callbacks=[of_batches := Recorder()], **options)
    assert of_batches.norms == of_arrays.norms


@pytest.mark.parametrize("form", [{}, TOGETHER], ids=["rows", "together"])
@pytest.mark.parametrize("bound", [{}, {"clipnorm": 1.0}], ids=repr)
def test_the_norms_of_threads_are_those_of_one(monkeypatch, form, bound):
    for (module, name), value in {(how_many, "WORTH"): 1, **form}.items():
        monkeypatch.setattr(module, name, value)
    of_one, of_three = Recorder(), Recorder()
    for threads, recorder in ((1, of_one), (3, of_three)):
        tinylstm.set_num_threads(threads)
        fit(model_of(SGD(0.1, **bound)), recorder)
    tinylstm.set_num_threads(None)
    assert_alike(of_three.norms, of_one.norms)


def test_a_carried_state_and_frozen_layers_are_recorded_too():
    model, recorder = model_of(stateful=True), Recorder("all")
    model.layers[1].trainable = False
    fit(model, recorder, reset_states="epoch")
    assert [*recorder.norms[0].mean] == [
        *("all", "lstm/kernel", "lstm/recurrent_kernel", "lstm/bias")
    ]
    assert len(recorder.norms) == len(recorder.logs["mae"]) == 8
    first, last = (recorder.weights(epoch) for epoch in (0, 8))
    np.testing.assert_array_equal(first["dense/kernel"], last["dense/kernel"])
    assert (first["lstm/kernel"] != last["lstm/kernel"]).any()


def test_a_training_that_goes_on_is_recorded_as_one():
    model, recorder = model_of(), Recorder("all")
    fit(model, recorder, epochs=3)
    fit(model, recorder, epochs=8, initial_epoch=3)
    fit(model_of(), whole := Recorder("all"), epochs=8)
    assert recorder.epochs == whole.epochs
    assert (recorder.logs, recorder.norms) == (whole.logs, whole.norms)
    np.testing.assert_array_equal(recorder.vectors, whole.vectors)
    fit(model, recorder, epochs=2)  # and another one begins anew
    assert (recorder.epochs, len(recorder.norms)) == ([0, 1, 2], 2)


def test_going_on_from_an_earlier_epoch_forgets_those_behind_it():
    model, recorder = model_of(), Recorder("all")
    fit(model, recorder, epochs=5)
    fit(model, recorder, epochs=4, initial_epoch=2)
    assert recorder.epochs == [0, 1, 2, 3, 4]
    assert len(recorder.norms) == len(recorder.logs["loss"]) == 4


class Broken(Exception):
    pass


class Breaks(Callback):
    """Breaks a training once, after so many epochs and batches."""

    def __init__(self, epoch, batch):
        self.at = epoch, batch
        self.epoch = 0

    def on_epoch_begin(self, epoch, logs=None):
        self.epoch = epoch

    def on_train_batch_end(self, batch, logs=None):
        if (self.epoch, batch) == self.at:
            raise Broken


@pytest.mark.parametrize("epochs", [4, "log"])
def test_a_training_that_was_killed_goes_on_with_what_was_recorded(tmp_path, epochs):
    backup = BackupAndRestore(tmp_path, save_freq=1)
    with pytest.raises(Broken):
        fit(model_of(), Recorder(epochs), Breaks(5, 1), backup)
    fit(model_of(), recorder := Recorder(epochs), backup)
    fit(model_of(), whole := Recorder(epochs))
    assert recorder.epochs == whole.epochs
    assert recorder.norms == whole.norms
    assert recorder.logs == whole.logs
    np.testing.assert_array_equal(recorder.vectors, whole.vectors)


@pytest.mark.parametrize("first", [True, False])
def test_of_a_training_and_its_backup_both_measure_gradients_or_none(tmp_path, first):
    backup = BackupAndRestore(tmp_path, save_freq=1)
    with pytest.raises(Broken):
        fit(model_of(), *[Recorder()] * first, Breaks(5, 1), backup)
    with pytest.raises(ValueError, match="only one of the two measures gradients, as a Recorder"):
        fit(model_of(), *[Recorder()] * (not first), backup)


def test_weights_that_take_too_much_are_fewer_or_refused():
    model = model_of()
    bound = 5 * model.theta.nbytes
    fit(model, recorder := Recorder("all", max_bytes=bound), epochs=40)
    assert len(recorder.epochs) == 5
    assert {0, 40} < set(recorder.epochs)
    assert np.ptp(np.diff(recorder.epochs)) <= 2
    for epochs, size in (([1, 2, 3, 4], bound), (3, model.theta.nbytes)):
        with pytest.raises(ValueError, match="take more than max_bytes"):
            fit(model, Recorder(epochs, max_bytes=size))


def test_a_refused_training_leaves_what_was_recorded():
    model, refused = model_of(), Recorder([1, 2, 3], max_bytes=1)
    with pytest.raises(ValueError, match="take more than max_bytes"):
        fit(model, refused)
    with pytest.raises(ValueError, match="take more than max_bytes"):
        fit(model, refused, initial_epoch=2)  # and does not go on from nothing
    fit(model, recorder := Recorder([1, 2]), epochs=3)
    recorder.max_bytes = 1
    with pytest.raises(ValueError, match="take more than max_bytes"):
        fit(model, recorder)
    assert (recorder.epochs, len(recorder.norms)) == ([0, 1, 2, 3], 3)


@pytest.mark.parametrize("epochs", [-1, 2.5, "often", None, [1, "2"]], ids=repr)
def test_what_is_no_choice_of_epochs_is_refused(epochs):
    with pytest.raises(ValueError, match=r"\nExpected: .*\nReceived: "):
        Recorder(epochs)


def test_weights_of_an_epoch_that_were_not_kept_are_refused():
    fit(model_of(), recorder := Recorder([3]))
    with pytest.raises(ValueError, match=r"Expected: one of 0, 3, 8\nReceived: 4"):
        recorder.weights(4)
