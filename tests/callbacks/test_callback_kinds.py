"""Our callbacks beyond what Keras' do: real files, messages, what is refused, Ctrl-C."""

import csv
import os
import signal
from itertools import pairwise

import numpy as np
import pytest

import tinylstm
from tests.snapshots import refused
from tinylstm import LSTM, Dense, Sequential
from tinylstm.callbacks import (
    Callback,
    CSVLogger,
    EarlyStopping,
    LambdaCallback,
    LearningRateScheduler,
    ModelCheckpoint,
    ReduceLROnPlateau,
    TerminateOnNaN,
)

N, T, D = 8, 3, 2
RNG = np.random.default_rng(21)
X = RNG.normal(size=(N, T, D)).astype(np.float32)
Y = RNG.normal(size=(N, 1)).astype(np.float32)


def model_of(optimizer="adam", **lstm):
    tinylstm.set_random_seed(7)
    model = Sequential([LSTM(4, **lstm), Dense(1)])
    model.compile(optimizer, "mse", metrics=["mae"])
    model.build((None, T, D))
    return model


class Scripted(Callback):
    """Writes numbers of its own into the logs of each epoch."""

    def __init__(self, **columns):
        self.columns = columns

    def on_epoch_end(self, epoch, logs=None):
        for name, values in self.columns.items():
            logs[name] = values[epoch]


def fit(model, *callbacks, epochs=4, **options):
    return model.fit(X, Y, 4, epochs=epochs, verbose=0, callbacks=list(callbacks), **options)


@pytest.mark.uncompiled
def test_checkpoints_hold_the_weights_of_their_epochs(tmp_path):
    model, weights = model_of(), []
    path = tmp_path / "new" / "{epoch:02d}-{val_loss:.3f}.safetensors"
    keep = LambdaCallback(on_epoch_end=lambda epoch, logs: weights.append(model.get_weights()))
    history = fit(model, ModelCheckpoint(path), keep, validation_data=(X, Y)).history
    names = [f"{k + 1:02d}-{loss:.3f}.safetensors" for k, loss in enumerate(history["val_loss"])]
    assert sorted(os.listdir(tmp_path / "new")) == names
    other = model_of()
    for name, expected in zip(names, weights, strict=True):
        other.load_weights(tmp_path / "new" / name)
        assert all((a == b).all() for a, b in zip(other.get_weights(), expected, strict=True))


@pytest.mark.uncompiled
def test_the_best_checkpoint_is_kept_over_several_fits(tmp_path):
    script = Scripted(score=[3, 1, 2, 4, 0.5, 7])
    best = ModelCheckpoint(tmp_path / "best", "score", save_best_only=True, mode="min")
    model, saved = model_of(), []
    noted = LambdaCallback(
        on_epoch_end=lambda epoch, logs: saved.append((tmp_path / "best").stat().st_mtime_ns)
    )
    fit(model, script, best, noted, epochs=3)
    fit(model, script, best, noted, epochs=6, initial_epoch=3)
    assert [a != b for a, b in pairwise(saved)] == [1, 0, 0, 1, 0]


@pytest.mark.uncompiled
def test_checkpoints_by_batches_count_over_epochs_and_cost_nothing_else_by_epochs(tmp_path):
    model, path = model_of(), tmp_path / "{epoch}-{batch}-{loss:.1f}"
    fit(model, ModelCheckpoint(path, save_freq=3), epochs=4)  # 2 batches each
    names = sorted(name.rpartition("-")[0] for name in os.listdir(tmp_path))
    assert names == ["2-1", "3-2"]
    assert ModelCheckpoint(path, save_freq=3).wants_batches()
    assert not ModelCheckpoint(path).wants_batches()
    assert not LambdaCallback(on_epoch_end=print).wants_batches()
    for name in ("on_batch_begin", "on_batch_end", "on_train_batch_begin", "on_train_batch_end"):
        assert LambdaCallback(**{name: print}).wants_batches()


@pytest.mark.uncompiled
def test_stopping_restores_the_best_weights_also_at_the_last_epoch():
    model, weights = model_of(), []
    keep = LambdaCallback(on_epoch_end=lambda epoch, logs: weights.append(model.theta.copy()))
    script = Scripted(score=[5, 1, 2, 3, 4, 4])
    stopping = EarlyStopping("score", patience=9, mode="min", restore_best_weights=True)
    history = fit(model, keep, script, stopping, epochs=6)
    assert len(history.epoch) == 6
    assert (model.theta == weights[1]).all()
    assert not (weights[5] == weights[1]).all()


@pytest.mark.uncompiled
def test_nan_is_never_an_improvement():
    script = Scripted(score=[np.nan, 3, 2, np.nan, np.nan, 1])
    stopping = EarlyStopping("score", patience=2, mode="min")
    assert fit(model_of(), script, stopping, epochs=6).epoch == [0, 1, 2, 3, 4]
    assert stopping.best == 2


@pytest.mark.parametrize("kind", [EarlyStopping, ReduceLROnPlateau, ModelCheckpoint])
def test_a_number_that_the_logs_lack_is_said_once_with_those_that_they_have(tmp_path, kind):
    options = {"filepath": tmp_path / "a", "save_best_only": True}
    callback = kind(**options if kind is ModelCheckpoint else {})
    for _ in range(2):
        with pytest.warns(UserWarning, match="watches 'val_loss'") as caught:
            history = fit(model_of(), callback)
        assert len(caught) == 1
        assert "They have: loss, mae" in str(caught[0].message)
        assert caught[0].filename == __file__
        assert len(history.epoch) == 4
    assert (tmp_path / "a").exists() == (kind is ModelCheckpoint)


@pytest.mark.parametrize(
    ("make", "fragment"),
    [
        (lambda: EarlyStopping("val_los"), "rise or fall"),
        (lambda: ReduceLROnPlateau("score"), "rise or fall"),
        (lambda: ModelCheckpoint("a", "score", save_best_only=True), "rise or fall"),
        (lambda: ModelCheckpoint("{epoch}-{score}"), "cannot be filled in"),
        (lambda: ModelCheckpoint("{}"), "cannot be filled in"),
        (lambda: ModelCheckpoint("{epoch:z}"), "cannot be filled in"),
        (lambda: EarlyStopping(mode="down"), "mode"),
        (lambda: EarlyStopping(patience=-1), "patience"),
        (lambda: EarlyStopping(start_from_epoch=0.5), "start_from_epoch"),
        (lambda: ReduceLROnPlateau(factor=1), "factor"),
        (lambda: ReduceLROnPlateau(patience="3"), "patience"),
        (lambda: ReduceLROnPlateau(cooldown=-1), "cooldown"),
        (lambda: ModelCheckpoint("a", save_weights_only=2), "save_weights_only"),
        (lambda: ModelCheckpoint("a", save_freq="batch"), "save_freq"),
        (lambda: LambdaCallback(on_epoch_ends=print), "Did you mean 'on_epoch_end'?"),
        (lambda: LearningRateScheduler(lambda epoch: -1.0), "learning_rate"),
        (lambda: LearningRateScheduler(lambda epoch: None), "learning_rate"),
    ],
)
def test_what_cannot_be_done_is_refused(tmp_path, monkeypatch, make, fragment):
    monkeypatch.chdir(tmp_path)
    with refused(ValueError, fragment):
        fit(model_of(), make())
    assert os.listdir(tmp_path) == []


def test_a_schedule_is_a_function_and_its_own_errors_come_through():
    with refused(TypeError, "function"):
        LearningRateScheduler(0.1)

    def broken(epoch, rate):
        return rate + "1"

    with pytest.raises(TypeError, match="unsupported operand"):
        fit(model_of(), LearningRateScheduler(broken))


@pytest.mark.uncompiled
def test_rates_are_those_that_the_updates_use():
    rates = [0.1, 0.0, 0.2]
    model, seen = model_of(tinylstm.SGD(9.0)), []
    before = [model.theta.copy()]
    fit(
        model,
        LearningRateScheduler(lambda epoch: rates[epoch]),
        LambdaCallback(on_epoch_end=lambda epoch, logs: before.append(model.theta.copy())),
        LambdaCallback(on_epoch_end=lambda epoch, logs: seen.append(logs["learning_rate"])),
        epochs=3,
    )
    moved = [np.abs(b - a).max() for a, b in pairwise(before)]
    assert [bool(step) for step in moved] == [True, False, True]
    assert seen == rates


MESSAGES = """
Epoch 1: LearningRateScheduler setting learning rate to 0.1.
Epoch 1: score improved from None to 5.25, saving model to best
Epoch 2: LearningRateScheduler setting learning rate to 0.1.
Epoch 2: ReduceLROnPlateau reducing learning rate to 0.01.
Epoch 2: score did not improve from 5.25
Epoch 3: LearningRateScheduler setting learning rate to 0.1.
Epoch 3: ReduceLROnPlateau reducing learning rate to 0.01.
Epoch 3: score did not improve from 5.25
Epoch 3: early stopping
Restoring model weights from the end of epoch 1.
"""


@pytest.mark.parametrize("verbose", [0, 1])
def test_verbose_callbacks_say_what_they_do_on_lines_of_their_own(
    tmp_path, monkeypatch, capsys, verbose
):
    monkeypatch.chdir(tmp_path)
    options = {"mode": "min", "verbose": 1}
    chosen = [
        Scripted(score=[5.25, 6, 7]),
        LearningRateScheduler(lambda epoch: 0.1, verbose=1),
        ReduceLROnPlateau("score", patience=1, **options),
        ModelCheckpoint("best", "score", save_best_only=True, **options),
        EarlyStopping("score", patience=2, restore_best_weights=True, **options),
    ]
    model_of().fit(X, Y, epochs=9, verbose=verbose, callbacks=chosen)
    assert capsys.readouterr().out.splitlines() == MESSAGES.strip().splitlines()


def test_a_loss_that_is_not_finite_stops_with_or_without_an_error(capsys):
    model = model_of(tinylstm.SGD(1.0))
    model.theta[-1] = 1e30
    with pytest.warns(RuntimeWarning, match="its update was left out"):
        history = fit(model, TerminateOnNaN())
    assert history.epoch == [0]
    assert capsys.readouterr().out == "Batch 0 of epoch 1: loss is inf, training stops.\n"
    with (
        pytest.warns(RuntimeWarning, match="its update was left out"),
        pytest.raises(RuntimeError, match="Batch 0 of epoch 1: loss is inf"),
    ):
        fit(model, TerminateOnNaN(raise_error=True))
    assert model.optimizer.iterations == 0


def rows_of(path):
    return list(csv.DictReader(path.read_text().splitlines()))


@pytest.mark.uncompiled
def test_a_table_goes_on_where_a_training_goes_on_and_has_one_line_of_names(tmp_path):
    model, path = model_of(), tmp_path / "log.csv"
    first = fit(model, CSVLogger(path), epochs=2)
    second = fit(model, CSVLogger(path, append=True), initial_epoch=2, epochs=5)
    rows = rows_of(path)
    assert [int(row["epoch"]) for row in rows] == [0, 1, 2, 3, 4]
    losses = first.history["loss"] + second.history["loss"]
    assert [float(row["loss"]) for row in rows] == losses
    content = path.read_bytes()
    model.compile("adam", "mse")
    with refused(ValueError, "other columns"):
        fit(model, CSVLogger(path, append=True))
    assert path.read_bytes() == content


def test_every_epoch_is_on_the_disk_when_it_ends(tmp_path):
    path, lengths = tmp_path / "log.csv", []
    look = LambdaCallback(on_epoch_end=lambda epoch, logs: lengths.append(len(rows_of(path))))
    fit(model_of(), CSVLogger(path), look)
    assert lengths == [1, 2, 3, 4]


@pytest.mark.usefixtures("ctrl_c_is_heard")
@pytest.mark.parametrize("when", ["on_epoch_begin", "on_train_batch_begin", "on_epoch_end"])
def test_ctrl_c_leaves_files_and_history_of_the_whole_epochs(tmp_path, when):
    model, log = model_of(), tmp_path / "log.csv"

    def interrupt(number, logs):
        if len(model.history.epoch) == 3:
            os.kill(os.getpid(), signal.SIGINT)

    chosen = [
        CSVLogger(log),
        ModelCheckpoint(tmp_path / "{epoch}"),
        LambdaCallback(**{when: interrupt}),
    ]
    with pytest.raises(KeyboardInterrupt):
        fit(model, *chosen, epochs=9)
    written = 4 if when == "on_epoch_end" else 3  # the history comes after the callbacks
    assert [int(row["epoch"]) for row in rows_of(log)] == list(range(written))
    assert model.history.epoch == [0, 1, 2]
    losses = [float(row["loss"]) for row in rows_of(log)][:3]
    assert losses == model.history.history["loss"]
    assert sorted(os.listdir(tmp_path)) == [*map(str, range(1, written + 1)), "log.csv"]
    other = model_of()
    other.load_weights(tmp_path / str(written))
    if when != "on_train_batch_begin":
        assert (other.theta == model.theta).all()


def test_a_callback_may_say_itself_whether_it_wants_batches():
    class Never(Callback):
        def wants_batches(self):
            return False

        def on_train_batch_end(self, batch, logs=None):
            raise AssertionError("it does not want them")

    model = model_of()
    fit(model, Never(), epochs=2, validation_data=(X, Y))
    model.evaluate(X, Y, callbacks=[Never()])
