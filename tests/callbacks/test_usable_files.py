"""What callbacks write can be read again, what they keep can be taken again, whatever happens."""

import os
import signal
from contextlib import contextmanager

import numpy as np
import pytest
from tinylstm.kernels.compiling import kernel

import tinylstm
from tests.snapshots import refused
from tinylstm import LSTM, SGD, Dense, Sequential
from tinylstm.callbacks import (
    CSVLogger,
    EarlyStopping,
    LambdaCallback,
    ModelCheckpoint,
    ReduceLROnPlateau,
)

N, T, D = 8, 3, 2
RNG = np.random.default_rng(21)
X, Y = RNG.normal(size=(N, T, D)), RNG.normal(size=(N, 1))
NOT_SAVED = "ModelCheckpoint saves no weights that are not finite"


def model_of(optimizer="adam"):
    tinylstm.set_random_seed(7)
    model = Sequential([LSTM(4, input_shape=(T, D)), Dense(1)])
    model.compile(optimizer, "mse")
    return model


def fit(model, *callbacks, epochs=4, **options):
    return model.fit(X, Y, 4, epochs=epochs, verbose=0, callbacks=list(callbacks), **options)


def scripted(*values):
    """A callback that writes a score of its own into the logs of each epoch."""
    return LambdaCallback(on_epoch_end=lambda epoch, logs: logs.update(score=values[epoch]))


def spoiling(*epochs, value=np.nan):
    """A callback that writes into the weights at the end of these epochs, and mends them later."""

    def spoil(epoch, logs):
        spoils.model.weights[2][3] = value if epoch in epochs else 0.5

    spoils = LambdaCallback(on_epoch_end=spoil)
    return spoils


@kernel
def spoilt(rule, theta, grad, moments, start, stop):
    """One step down; the fourth leaves a weight that is not finite."""
    for j in range(start, stop):
        theta[j] -= theta.dtype.type(0.1) * grad[j]
    if rule["iteration"] >= 3:
        theta[start] = np.inf


class Spoilt(SGD):
    """An optimiser of somebody's own."""

    kernel = staticmethod(spoilt)


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_weights_that_are_not_finite_have_no_file_and_the_old_one_stays(tmp_path, value):
    model, path = model_of(), tmp_path / "w"
    model.save_weights(path)
    content = path.read_bytes()
    model.layers[0].weights["recurrent_kernel"][1, 2] = value
    with refused(ValueError, "no file of such weights is read again: lstm/recurrent_kernel"):
        model.save_weights(path)
    assert path.read_bytes() == content
    assert os.listdir(tmp_path) == ["w"]
    model.load_weights(path)
    assert np.isfinite(model.theta).all()


def test_what_is_wrong_with_a_file_is_said_with_its_name(tmp_path):
    model = Sequential([Dense(2, input_shape=(1,))], dtype="float64")
    model.set_weights([np.full((1, 2), 1e300), np.zeros(2)])
    model.save_weights(tmp_path / "w")
    with refused(ValueError, f"'dense/kernel' in {tmp_path / 'w'} holds a value that is not fin"):
        Sequential([Dense(2, input_shape=(1,))]).load_weights(tmp_path / "w")


@pytest.mark.parametrize("value", [np.nan, np.inf])
@pytest.mark.parametrize("best_only", [False, True])
def test_a_checkpoint_leaves_the_last_good_file_and_says_so_once(
    tmp_path, capsys, value, best_only
):
    model, kept = model_of(), []
    keeps = LambdaCallback(on_epoch_end=lambda *_: kept.append(model.get_weights()))
    checkpoint = ModelCheckpoint(
        *(tmp_path / "w", "score"), save_best_only=best_only, mode="min", verbose=1
    )
    script = scripted(5, 4, 3, 2, 1)
    with pytest.warns(RuntimeWarning) as caught:
        fit(model, script, spoiling(1, 2, 4, value=value), keeps, checkpoint, epochs=5)
    (said,) = (warning for warning in caught if NOT_SAVED in str(warning.message))
    assert said.filename == __file__
    assert str(tmp_path / "w") in str(said.message)
    other = model_of()
    other.load_weights(tmp_path / "w")
    for array, wanted in zip(other.get_weights(), kept[3], strict=True):
        np.testing.assert_array_equal(array, wanted)
    lines = capsys.readouterr().out.splitlines()
    assert [line.rpartition(", ")[2].partition(" m")[0] for line in lines] == [
        *("saving", "not saved", "not saved", "saving", "not saved")
    ]
    if best_only:
        assert checkpoint.best == 2
        assert "improved from 5 to 4" in lines[1]
        assert "improved from 5 to 2" in lines[3]


@pytest.mark.uncompiled
def test_an_optimiser_that_makes_nan_leaves_files_and_the_best_weights(tmp_path):
    model = model_of(Spoilt())
    stopping = EarlyStopping("loss", patience=9, restore_best_weights=True)
    checkpoint = ModelCheckpoint(tmp_path / "{epoch}")
    with pytest.warns(RuntimeWarning):
        fit(model, checkpoint, stopping)
    assert os.listdir(tmp_path) == ["1"]
    assert stopping.best_epoch == 0
    other = model_of()
    other.load_weights(tmp_path / "1")
    np.testing.assert_array_equal(model.theta, other.theta)


SCORES = {  # of six epochs, the best of them, its epoch, and that of the weights that are kept
    "none is finite": ([np.nan, np.inf, -np.inf, np.nan, np.nan, np.inf], None, 0),
    "the first is NaN": ([np.nan, 3, 4, 2, np.nan, 5], 2, 3),
    "the first is infinite": ([-np.inf, 3, 4, 2, np.inf, 5], 2, 3),
    "infinity is no best": ([3, 2, -np.inf, np.inf, 1, np.nan], 1, 4),
}


@pytest.mark.parametrize("mode", ["min", "max"])
@pytest.mark.parametrize("name", SCORES)
def test_no_best_value_is_one_that_is_not_finite(tmp_path, name, mode):
    scores, best, epoch = SCORES[name]
    sign = 1 if mode == "min" else -1
    model, kept = model_of(), []
    keeps = LambdaCallback(on_epoch_end=lambda *_: kept.append(model.get_weights()))
    stopping = EarlyStopping("score", patience=9, mode=mode, restore_best_weights=True)
    plateau = ReduceLROnPlateau("score", patience=9, mode=mode)
    checkpoint = ModelCheckpoint(tmp_path / "w", "score", mode=mode, save_best_only=True)
    script = scripted(*(sign * score for score in scores))
    fit(model, script, keeps, stopping, plateau, checkpoint, epochs=6)
    for callback in (stopping, plateau, checkpoint):
        assert callback.best == (None if best is None else sign * best)
    assert stopping.best_epoch == epoch
    for array, wanted in zip(model.get_weights(), kept[epoch], strict=True):
        np.testing.assert_array_equal(array, wanted)
    assert (tmp_path / "w").exists() == (best is not None)


def test_a_monitor_that_is_always_nan_ends_the_training_and_lowers_the_rate():
    model, script = model_of(), scripted(*[np.nan] * 9)
    plateau = ReduceLROnPlateau("score", patience=2, mode="min")
    stopping = EarlyStopping("score", patience=3, mode="min")
    assert len(fit(model, script, plateau, stopping, epochs=9).epoch) == 3
    assert model.optimizer.learning_rate == pytest.approx(1e-4)


@pytest.mark.filterwarnings("ignore:The loss:RuntimeWarning")
def test_an_epoch_that_leaves_nan_is_not_the_best_however_good():
    model, kept = model_of(), []
    keeps = LambdaCallback(on_epoch_end=lambda *_: kept.append(model.get_weights()))
    stopping = EarlyStopping("score", patience=9, mode="min", restore_best_weights=True)
    fit(model, scripted(1, 5, 2, 4, 3), spoiling(0, 2, 4), keeps, stopping, epochs=5)
    assert (stopping.best, stopping.best_epoch) == (4, 3)
    for array, wanted in zip(model.get_weights(), kept[3], strict=True):
        np.testing.assert_array_equal(array, wanted)
    fit(model, scripted(1, 1), spoiling(0, 1), stopping, epochs=2)  # no weights to go back to
    assert stopping.best is None


@contextmanager
def full_disk():
    """A block in which a call has files end after so many bytes, as on a disk that is full.

    It ends within a test: pytest's own output may be a file.
    """
    resource = pytest.importorskip("resource")
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    kept = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    try:
        yield lambda size: resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, kept)


def test_a_full_disk_leaves_whole_lines_and_names_the_file(tmp_path):
    path = tmp_path / "log.csv"
    fit(model_of(), CSVLogger(path))
    lines = path.read_bytes().splitlines(keepends=True)
    with full_disk() as ends:
        ends(len(b"".join(lines[:4])) - 3)
        with pytest.raises(OSError, match=r"log\.csv"):
            fit(model_of(), CSVLogger(path))
    assert path.read_bytes().splitlines(keepends=True) == lines[:3]


def test_a_full_disk_leaves_the_last_checkpoint_and_its_best_value(tmp_path):
    checkpoint = ModelCheckpoint(tmp_path / "w", "score", save_best_only=True, mode="min")
    with full_disk() as ends:
        fills = LambdaCallback(on_epoch_begin=lambda epoch, _: ends(10**6 if epoch < 2 else 100))
        with pytest.raises(OSError, match="large"):
            fit(model_of(), fills, scripted(5, 4, 3), checkpoint, epochs=3)
    assert os.listdir(tmp_path) == ["w"]
    assert checkpoint.best == 4
    model_of().load_weights(tmp_path / "w")


def test_a_table_goes_on_in_a_new_line_where_the_last_was_cut_off(tmp_path):
    path = tmp_path / "log.csv"
    fit(model_of(), CSVLogger(path), epochs=2)
    path.write_bytes(path.read_bytes()[:-5])
    fit(model_of(), CSVLogger(path, append=True), epochs=2)
    lines = path.read_text().splitlines()
    assert [line.partition(",")[0] for line in lines] == ["epoch", "0", "1", "0", "1"]


@pytest.mark.parametrize("callback", [CSVLogger, ModelCheckpoint])
def test_a_folder_in_its_place_and_a_place_that_is_not_there_are_named(tmp_path, callback):
    (tmp_path / "folder").mkdir()
    (tmp_path / "file").write_bytes(b"kept")
    for path in (tmp_path / "folder", tmp_path / "file" / "w"):
        with pytest.raises(OSError, match=str(path.relative_to(tmp_path).parts[0])):
            fit(model_of(), callback(path))
    assert sorted(os.listdir(tmp_path)) == ["file", "folder"]
    assert (tmp_path / "file").read_bytes() == b"kept"


@pytest.mark.filterwarnings("ignore:(The loss|Some of the gradient|The state):RuntimeWarning")
@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("optimizer", ["rmsprop", "adam", "sgd"])
def test_an_exploding_relu_leaves_files_that_load_and_a_model_that_is_finite(
    tmp_path, optimizer, seed
):
    run_relu(tmp_path, optimizer, seed, steps=(50, 100, 200)[seed], epochs=4)


def run_relu(folder, optimizer, seed, steps, epochs):
    """A relu LSTM learns a series as it is, of thousands; each file that it leaves loads."""
    series = 1e4 * (100 + np.arange(steps + 60.0))
    tinylstm.set_random_seed(seed)
    x = np.stack([series[k : k + steps] for k in range(40)])[:, :, None]
    model = Sequential([LSTM(20, activation="relu", input_shape=(steps, 1)), Dense(1)])
    model.compile(optimizer, "mse")
    best = ModelCheckpoint(folder / "best", "val_loss", save_best_only=True)
    stopping = EarlyStopping("val_loss", patience=2, restore_best_weights=True)
    each = ModelCheckpoint(folder / "{epoch}")
    y = series[steps : steps + 40]
    model.fit(
        *(x, y, 8),
        epochs=epochs,
        validation_split=0.2,
        callbacks=[best, each, stopping],
        verbose=0,
    )
    assert np.isfinite(model.theta).all()
    for name in os.listdir(folder):
        model.load_weights(folder / name)
        assert np.isfinite(model.theta).all()
    assert len(os.listdir(folder)) >= len(model.history.epoch)
