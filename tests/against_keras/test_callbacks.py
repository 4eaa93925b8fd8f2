"""Callbacks decide as Keras' do: the same logs in, the same stops, rates, weights and files out."""

import csv

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.keras_twins import LEARNING_RATE, Twins, keras
from tests.tolerances import KERAS_WEIGHTS, assert_close
from tinylstm import callbacks

pytestmark = pytest.mark.filterwarnings(  # Keras reads its learning rate so
    "ignore:__array__ implementation doesn't accept a copy keyword:DeprecationWarning"
)
EPOCHS = 12
many = settings(max_examples=40, deadline=None, derandomize=True, database=None)
# Quarters are exact in the float32 in which Keras compares; so few of them tie often.
quarters = st.integers(-2, 6).map(lambda k: k / 4)
modes = st.sampled_from(["auto", "min", "max"])
monitors = st.sampled_from(["loss", "val_loss", "accuracy", "val_accuracy", "mse", "val_mse"])
NAMES = ("loss", "accuracy", "mse", "val_loss", "val_accuracy", "val_mse")
logs_of_epochs = st.lists(
    st.lists(quarters, min_size=6, max_size=6).map(lambda row: dict(zip(NAMES, row, strict=True))),
    min_size=1,
    max_size=EPOCHS,
)


@pytest.fixture(scope="module")
def twins():
    """Compiled twins that have seen a batch, so that Keras knows its metrics."""
    made = Twins(lambda k: [k.Dense(1)], (None, 2), np.random.default_rng(5))
    made.compile("mse", metrics=["accuracy", "mse"])
    made.keras.evaluate(np.zeros((1, 2)), np.zeros((1, 1)), verbose=0)
    return made


class Course:
    """A training in which only a callback does anything: what it made of the logs."""

    def __init__(self, callback, model, table, start=0):
        self.callback, self.model, self.rates, self.saved = callback, model, [], []
        model.optimizer.learning_rate, model.stop_training = 0.25, False
        model.save_weights = lambda path, **_: self.saved.append(str(path))
        callback.set_model(model)
        callback.set_params({"epochs": EPOCHS})
        callback.on_train_begin({})
        self.logs = []
        for epoch, given_logs in enumerate(table, start):
            self.epoch(epoch, dict(given_logs))
            if model.stop_training:
                break
        callback.on_train_end(self.logs[-1])
        self.weights = float(model.get_weights()[1][0])

    def epoch(self, epoch, logs):
        """One epoch, whose number the weights then show."""
        self.callback.on_epoch_begin(epoch, {})
        for batch in range(3):
            self.callback.on_train_batch_end(batch, {"loss": logs["loss"]})
        self.model.set_weights([np.full_like(w, epoch) for w in self.model.get_weights()])
        self.callback.on_epoch_end(epoch, logs)
        self.logs.append(logs)
        self.rates.append(float(self.model.optimizer.learning_rate))


def both(name, twins, table, **options):
    """The course of a training with our callback, and with Keras' of that name."""
    ours = Course(getattr(callbacks, name)(**options), twins.ours, table)
    theirs = Course(getattr(keras.callbacks, name)(**options), twins.keras, table)
    return ours, theirs


@many
@given(
    logs_of_epochs,
    st.fixed_dictionaries(
        {
            "monitor": monitors,
            "mode": modes,
            "patience": st.integers(0, 3),
            "min_delta": quarters,
            "baseline": st.none() | quarters,
            "restore_best_weights": st.booleans(),
            "start_from_epoch": st.integers(0, 3),
        }
    ),
)
def test_early_stopping_stops_where_keras_stops_with_its_weights(twins, table, options):
    ours, theirs = both("EarlyStopping", twins, table, **options)
    assert len(ours.logs) == len(theirs.logs)
    assert ours.weights == theirs.weights
    for name in ("stopped_epoch", "best_epoch", "wait", "best"):
        assert getattr(ours.callback, name) == getattr(theirs.callback, name), name


@many
@given(
    logs_of_epochs,
    st.fixed_dictionaries(
        {
            "monitor": monitors,
            "mode": modes,
            "factor": st.sampled_from([0.1, 0.5, 0.9]),
            "patience": st.integers(0, 3),
            "min_delta": quarters,
            "cooldown": st.integers(0, 3),
            "min_lr": st.sampled_from([0.0, 0.01, 0.2, 1.0]),
        }
    ),
)
def test_reduce_on_plateau_takes_the_rates_that_keras_takes(twins, table, options):
    ours, theirs = both("ReduceLROnPlateau", twins, table, **options)
    np.testing.assert_allclose(ours.rates, theirs.rates, rtol=1e-5)
    for found, expected in zip(ours.logs, theirs.logs, strict=True):
        assert list(found) == list(expected)
        assert found["learning_rate"] == pytest.approx(expected["learning_rate"], rel=1e-5)


@many
@given(
    logs_of_epochs,
    st.fixed_dictionaries(
        {
            "filepath": st.sampled_from(
                ["a.weights.h5", "{epoch:02d}-{loss:.2f}.weights.h5", "x/{epoch}.weights.h5"]
            ),
            "monitor": monitors,
            "mode": modes,
            "save_best_only": st.booleans(),
            "save_freq": st.sampled_from(["epoch", "epoch", 1, 2, 5]),
            "initial_value_threshold": st.none() | quarters,
        }
    ),
)
@pytest.mark.filterwarnings("ignore")  # both, where batches lack what is watched
def test_checkpoints_are_saved_where_keras_saves_them(tmp_path_factory, twins, table, options):
    folder = tmp_path_factory.mktemp("saved", numbered=True)
    if options["save_freq"] != "epoch":  # Keras compares before it knows how, in the first epoch
        options["save_best_only"] = False
        options["filepath"] = options["filepath"].replace(".weights", "{batch}.weights")
    options["filepath"] = str(folder / options["filepath"])
    ours, theirs = both("ModelCheckpoint", twins, table, save_weights_only=True, **options)
    assert ours.saved == theirs.saved
    assert ours.saved or options["save_best_only"] or options["save_freq"] != "epoch"


SCHEDULES = {
    "of the epoch": lambda epoch: 0.1 / (epoch + 1),
    "of both": lambda epoch, rate: rate * 0.5 if epoch % 2 else rate,
    "a NumPy number": lambda epoch: np.float32(0.5) ** epoch,
    "with more that is not given": lambda epoch, rate, more=2: rate / more,
}


@pytest.mark.parametrize("case", SCHEDULES)
def test_schedules_give_the_rates_that_they_give_in_keras(twins, case):
    ours, theirs = both(
        "LearningRateScheduler", twins, [{"loss": 1.0}] * 8, schedule=SCHEDULES[case]
    )
    np.testing.assert_allclose(ours.rates, theirs.rates, rtol=1e-5)
    assert [logs["learning_rate"] for logs in ours.logs] == ours.rates
    assert list(ours.logs[0]) == list(theirs.logs[0])


@pytest.mark.parametrize("append", [False, True])
@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("before", [None, "", "epoch,accuracy,loss,val_accuracy,val_loss\r\n"])
@pytest.mark.parametrize("validated", [False, True])
def test_csv_files_equal_those_of_keras(tmp_path, twins, append, separator, before, validated):
    names = ["loss", "accuracy", *(["val_loss", "val_accuracy"] if validated else [])]
    table = [{name: (k + 1) / (j + 3) for j, name in enumerate(names)} for k in range(3)]
    table[2] |= {"loss": np.float32(0.1), "accuracy": np.array([1.5, 2])}
    contents = []
    for library, model in ((callbacks, twins.ours), (keras.callbacks, twins.keras)):
        path = tmp_path / library.__name__
        if before is not None:
            path.write_bytes(before.replace(",", separator).encode())
        for _ in range(2):
            Course(library.CSVLogger(path, separator=separator, append=append), model, table)
        contents.append(path.read_bytes())
    assert contents[0] == contents[1]
    rows = list(csv.reader(contents[0].decode().splitlines(), delimiter=separator))
    assert len(rows) == 1 + len(table) * (1 + append)


def test_lambda_callbacks_are_called_as_in_keras(twins):
    calls = {"ours": [], "theirs": []}
    for name, library in (("ours", callbacks), ("theirs", keras.callbacks)):
        callback = library.LambdaCallback(
            on_train_begin=lambda logs, log=calls[name]: log.append(("begin", logs)),
            on_epoch_begin=lambda epoch, logs, log=calls[name]: log.append((epoch, logs)),
            on_epoch_end=lambda epoch, logs, log=calls[name]: log.append((epoch, dict(logs))),
            on_train_batch_end=lambda batch, logs, log=calls[name]: log.append((batch, logs)),
            on_train_end=lambda logs, log=calls[name]: log.append(("end", dict(logs))),
        )
        Course(callback, getattr(twins, "keras" if name == "theirs" else "ours"), [{"loss": 2.0}])
    assert calls["ours"] == calls["theirs"]
    assert len(calls["ours"]) == 7


def test_a_training_with_all_of_them_is_that_of_keras(tmp_path, rng):
    """Validation that gets worse after a while: rates, epochs, weights and the table agree."""
    twins = Twins(lambda k: [k.LSTM(4), k.Dense(1)], (None, 3, 2), rng)
    twins.compile("mse", metrics=["mae"])
    x, y = twins.random(8, 3, 2), twins.random(8, 1)
    noisy = y + 0.5 * twins.random(8, 1)
    histories, tables = [], []
    for library, model in ((callbacks, twins.ours), (keras.callbacks, twins.keras)):
        path = tmp_path / f"{library.__name__}.csv"
        given_callbacks = [
            library.LearningRateScheduler(lambda epoch, rate: 3 * rate if epoch == 1 else rate),
            library.ReduceLROnPlateau(factor=0.5, patience=2, min_delta=0.01),
            library.EarlyStopping(patience=6, min_delta=0.01, restore_best_weights=True),
            library.CSVLogger(path),
        ]
        options = {"validation_data": (x, noisy), "shuffle": False, "verbose": 0}
        history = model.fit(x, y, batch_size=4, epochs=60, callbacks=given_callbacks, **options)
        histories.append(history)
        tables.append(list(csv.DictReader(path.read_text().splitlines())))
    ours, theirs = histories
    assert ours.epoch == theirs.epoch
    assert 8 < len(ours.epoch) < 60
    assert set(ours.history) == set(theirs.history)
    assert min(ours.history["learning_rate"]) < LEARNING_RATE < max(ours.history["learning_rate"])
    for name, values in theirs.history.items():
        assert_close(ours.history[name], values, KERAS_WEIGHTS, name)
        columns = [[float(row[name]) for row in table] for table in tables]
        assert_close(*columns, KERAS_WEIGHTS, name)
    assert [list(row) for row in tables[0]] == [list(row) for row in tables[1]]
    twins.assert_weights(KERAS_WEIGHTS)
