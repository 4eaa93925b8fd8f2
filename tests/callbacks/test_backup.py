"""A training that was killed at any batch goes on from its backup as if it had never ended."""

import numpy as np
import pytest

import tinylstm
from tests.saving.models import differences
from tests.snapshots import changed, refused, snapshot
from tinylstm import LSTM, Dense, Dropout, Masking, Sequential
from tinylstm.callbacks import (
    BackupAndRestore,
    Callback,
    CSVLogger,
    EarlyStopping,
    LambdaCallback,
    LearningRateScheduler,
    ModelCheckpoint,
    ReduceLROnPlateau,
)
from tinylstm.callbacks.backup import FILE
from tinylstm.losses import Huber
from tinylstm.metrics.of_arrays import OfArrays
from tinylstm.shown import progress
from tinylstm.surface.plain import TAGS

N, T, D, B, EPOCHS = 12, 4, 3, 3, 6  # four batches an epoch
RNG = np.random.default_rng(5)
X, Y = RNG.normal(size=(N, T, D)), RNG.normal(size=(N, 2))
X[RNG.random((N, T)) < 0.2] = 0


class Killed(BaseException):
    """In the place of a signal."""


class Kill(Callback):
    """Kills a training after so many batches."""

    def __init__(self, after):
        self.left = iter(range(after))  # no data, so it is not kept

    def on_train_batch_begin(self, batch, logs=None):
        if next(self.left, None) is None:
            raise Killed


def model_of(seed, stateful=False):
    tinylstm.set_random_seed(seed)
    layers = [Masking(), LSTM(4, dropout=0.25, stateful=stateful), Dropout(0.25), Dense(2)]
    model = Sequential(layers)
    model.compile("nadam", "mse", ["mae"])
    return model


def batches():
    """Batches without an end, each another one."""
    rng = np.random.default_rng(9)
    while True:
        yield rng.normal(size=(B, T, D)), rng.normal(size=(B, 2))


class Feed:
    """Batches in another order in each epoch."""

    def __init__(self):
        self.order, self.rng = np.arange(4), np.random.default_rng(8)

    def __len__(self):
        return 4

    def __getitem__(self, k):
        part = slice(self.order[k] * B, (self.order[k] + 1) * B)
        return X[part], Y[part]

    def on_epoch_end(self):
        self.rng.shuffle(self.order)


def mapped(folder):
    """The samples in files."""
    held = []
    for name, array in (("x", X), ("y", Y)):
        held.append(np.memmap(folder / name, "float32", "w+", shape=array.shape))
        held[-1][:] = array
    return held


KINDS = {
    "arrays": lambda model, folder, **given: model.fit(X, Y, B, **given, validation_split=0.25),
    "in order": lambda model, folder, **given: model.fit(X, Y, B, shuffle=False, **given),
    "memmaps": lambda model, folder, **given: model.fit(*mapped(folder), B, **given),
    "generator": lambda model, folder, **given: model.fit(
        batches(), steps_per_epoch=4, validation_data=batches(), validation_steps=2, **given
    ),
    "sequence": lambda model, folder, **given: model.fit(Feed(), **given),
    "stateful": lambda model, folder, **given: model.fit(X, Y, B, **given),
    "reset": lambda model, folder, **given: model.fit(X, Y, B, reset_states="epoch", **given),
}


def watchers(folder):
    """Callbacks that note much, new ones."""
    return [
        LearningRateScheduler(lambda epoch, rate: 0.9 * rate),
        ReduceLROnPlateau("loss", patience=1, min_delta=0.01),
        EarlyStopping("loss", patience=3, min_delta=0.02, restore_best_weights=True),
        ModelCheckpoint(folder / "best", "loss", save_best_only=True),
        CSVLogger(folder / "log.csv"),
    ]


def noted(callbacks):
    """What they came to."""
    found = []
    for one in callbacks:
        names = ("best", "wait", "cooling", "best_epoch", "stopped_epoch")
        found.append({name: getattr(one, name, None) for name in names})
    return found


@pytest.mark.filterwarnings("ignore:The generator ended")
@pytest.mark.parametrize("save_freq", ["epoch", 1, 3])
@pytest.mark.parametrize("kind", KINDS)
def test_it_goes_on_bit_for_bit(tmp_path, kind, save_freq):
    stateful = kind in ("stateful", "reset")
    folders = [tmp_path / name for name in ("whole", "killed")]
    for folder in folders:
        folder.mkdir()
    whole, told = model_of(7, stateful), watchers(folders[0])
    options = {"epochs": EPOCHS, "verbose": 0}
    expected = KINDS[kind](whole, folders[0], callbacks=told, **options)
    rng = np.random.default_rng([len(kind), len(str(save_freq))])
    model, alive = model_of(7, stateful), 0
    while True:  # killed at most twice
        callbacks = watchers(folders[1])
        backup = BackupAndRestore(folders[1] / "backup", save_freq)
        kill = Kill(int(rng.integers(5, 9)))
        try:
            given = [*callbacks[:2], backup, *callbacks[2:]]
            given = [*([kill] if alive < 2 else []), *given]
            history = KINDS[kind](model, folders[1], callbacks=given, **options)
            break
        except Killed:
            alive += 1
            model = model_of(alive, stateful)  # of another seed
    assert alive >= 1
    assert (history.history, history.epoch) == (expected.history, expected.epoch)
    assert differences(model, whole) == []
    draws = [one.network.draws.bit_generator.state for one in (model, whole)]
    assert draws[0] == draws[1]  # of layers that are added later
    assert noted(callbacks) == noted(told)
    texts = [(folder / "log.csv").read_text() for folder in folders]
    assert texts[0] == texts[1]
    assert not backup.path.exists()


@pytest.mark.parametrize(("verbose", "live"), [(1, False), (2, False), (3, False), (3, True)])
def test_what_is_shown_goes_on_in_the_middle_of_an_epoch(
    tmp_path, monkeypatch, capfd, verbose, live
):
    monkeypatch.setattr(progress, "is_live", lambda: live)
    monkeypatch.setattr(progress.Pace, "is_due", lambda self: True)
    backup = BackupAndRestore(tmp_path, save_freq=1)
    with pytest.raises(Killed):
        model_of(3).fit(X, Y, B, epochs=2, verbose=0, callbacks=[Kill(6), backup])
    capfd.readouterr()
    again = BackupAndRestore(tmp_path, save_freq=1)
    model_of(3).fit(X, Y, B, epochs=2, verbose=verbose, callbacks=[again])
    assert "Epoch 2/2" in "".join(capfd.readouterr())


def errors():
    """Metrics that are called so too."""
    return [OfArrays(lambda y_true, y_pred: y_true - y_pred, name) for name in ("float", "tensor")]


class Odd(Callback):
    """Has attributes that are called as what stands in a file for something else."""

    def on_epoch_end(self, epoch, logs=None):
        for name in TAGS:
            setattr(
                self, name, (np.full(2, epoch), {name: [epoch, np.inf]}, {name: np.full(1, np.nan)})
            )


def test_names_that_mean_something_in_a_file_are_names_like_others(tmp_path):
    model, odd = model_of(3), Odd()
    model.compile("sgd", "mse", errors())
    with pytest.raises(Killed):
        model.fit(
            X, Y, B, epochs=2, verbose=0, callbacks=[BackupAndRestore(tmp_path), odd, Kill(5)]
        )
    tinylstm.load_model(tmp_path / FILE, compile=False)
    other, again = model_of(4), Odd()
    other.compile("sgd", "mse", errors())
    history = other.fit(X, Y, B, epochs=1, verbose=0, callbacks=[BackupAndRestore(tmp_path), again])
    assert history.history == model.history.history
    assert len(history.history["float"]) == 1
    for name in TAGS:
        numbers, *dicts = getattr(again, name)
        assert numbers.tolist() == [0, 0]
        np.testing.assert_equal(dicts, [{name: [0, np.inf]}, {name: np.full(1, np.nan)}])


class Sharper(Callback):
    """Changes a number of the loss after each batch."""

    def on_train_batch_end(self, batch, logs=None):
        self.model.loss.option *= 0.9


def test_numbers_of_a_loss_that_a_callback_has_changed_come_back(tmp_path):
    whole, killed, other = (model_of(seed) for seed in (3, 3, 4))
    for model in (whole, killed, other):
        model.compile("sgd", Huber(delta=0.75))
    backup = BackupAndRestore(tmp_path, 1)
    whole.fit(X, Y, B, epochs=3, verbose=0, callbacks=[Sharper()])
    with pytest.raises(Killed):
        killed.fit(X, Y, B, epochs=3, verbose=0, callbacks=[Sharper(), backup, Kill(6)])
    other.fit(X, Y, B, epochs=3, verbose=0, callbacks=[Sharper(), backup])
    assert other.loss.option.tolist() == whole.loss.option.tolist()
    assert other.network.draws.bit_generator.state == whole.network.draws.bit_generator.state
    assert differences(other, whole) == []


def test_the_file_stays_where_it_is_wanted_and_a_training_that_is_done_does_nothing(tmp_path):
    backup = BackupAndRestore(tmp_path / "a" / "b", delete_checkpoint=False)
    model = model_of(3)
    model.fit(X, Y, B, epochs=2, verbose=0, callbacks=[backup])
    weights = model.theta.copy()
    other = model_of(4)
    history = other.fit(X, Y, B, epochs=2, verbose=0, callbacks=[backup])
    assert history.epoch == [0, 1]
    np.testing.assert_array_equal(other.theta, weights)
    assert tinylstm.load_model(backup.path).optimizer.iterations == 8


@pytest.mark.filterwarnings("ignore:The loss of batch")
def test_weights_that_are_not_finite_leave_the_file_before(tmp_path):
    def spoil(epoch, logs):
        if epoch == 1:
            model.theta[0] = np.nan

    model, backup = model_of(3), BackupAndRestore(tmp_path, delete_checkpoint=False)
    spoiling = LambdaCallback(on_epoch_end=spoil)
    with pytest.warns(RuntimeWarning, match="BackupAndRestore saves no weights") as caught:
        model.fit(X, Y, B, epochs=4, verbose=0, callbacks=[spoiling, backup])
    assert sum("saves no weights" in str(one.message) for one in caught) == 1
    assert tinylstm.load_model(backup.path).optimizer.iterations == 4


class Short(Feed):
    """With a batch less."""

    def __len__(self):
        return 3


OTHERS = {  # what another training has that is not as in the backup: in `fit`, or its metrics
    "batches": ("batches", (X, Y, 2), ["mae"], False),
    "batches of a sequence": ("batches", (Short(),), ["mae"], False),
    "rows": ("rows", (X[:8], Y[:8], 2), ["mae"], True),
    "metrics": ("metrics", (X, Y, B), ["mae", "mse"], False),
}


@pytest.mark.parametrize("name", OTHERS)
def test_another_training_is_refused_and_nothing_has_changed(tmp_path, name):
    what, data, metrics, stateful = OTHERS[name]
    backup = BackupAndRestore(tmp_path, 1)
    before = model_of(3, stateful)
    with pytest.raises(Killed):
        before.fit(X, Y, B, epochs=4, verbose=0, callbacks=[backup, EarlyStopping("loss"), Kill(6)])
    model, stopping, told = model_of(4, stateful), EarlyStopping("loss"), []
    model.compile("nadam", "mse", metrics)
    model.build((None, T, D))
    telling = LambdaCallback(on_train_begin=told.append)
    as_it_was, attributes = snapshot(model), dict(vars(stopping))
    with refused(ValueError, f"The training of the backup had other {what}"):
        model.fit(*data, epochs=4, verbose=0, callbacks=[telling, stopping, backup])
    assert changed(model, as_it_was) == []
    assert (vars(stopping), told) == (attributes, [])


def test_what_does_not_fit_is_refused(tmp_path):
    backup = BackupAndRestore(tmp_path, delete_checkpoint=False)
    model_of(3).fit(X, Y, B, epochs=1, verbose=0, callbacks=[backup])
    with refused(ValueError, "other batches"):
        model_of(3).fit(X, Y, 2, epochs=2, verbose=0, callbacks=[backup])
    other = Sequential([LSTM(5), Dense(2)])
    other.compile("nadam", "mse")
    with refused(ValueError, "another model"):
        other.fit(X, Y, B, epochs=2, verbose=0, callbacks=[backup])
    model_of(3).save(backup.path)
    model = model_of(3)
    model.build((None, T, D))
    model.save(backup.path)
    with refused(ValueError, "no training"):
        model_of(3).fit(X, Y, B, verbose=0, callbacks=[backup])
    with refused(ValueError, "save_freq"):
        BackupAndRestore(tmp_path, save_freq=0)
