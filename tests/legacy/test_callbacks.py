"""Callbacks under ``run`` are those of the version that is spoken.

The numbers that they watch are put into the logs by a callback of the script that comes first.
"""

import pytest

from tests.old_scripts import MODEL, run_text

STORY = """
import keras
from keras.callbacks import *
class Told(Callback):
    def __init__(self, values):
        self.values = values
    def on_epoch_end(self, epoch, logs=None):
        logs['score_acc'] = self.values[epoch]
        kept.append(self.model.get_weights())
kept = []
def fit(values, *callbacks, **options):
    h = model.fit(x, y, nb_epoch=len(values), verbose=0, callbacks=[Told(values), *callbacks])
    return len(h.epoch)
def same(a, b):
    return all((v == w).all() for v, w in zip(a, b))
"""
BASELINE = "EarlyStopping('score_acc', baseline=.75, patience=2)"
WAITS = "EarlyStopping('score_acc', patience=1)"


def run(folder, text, version):
    """What a script prints behind the story."""
    ran = run_text(folder, MODEL + STORY + text, version=version)
    assert ran.status == 0, ran.err
    return ran.lines


@pytest.mark.parametrize(
    ("callback", "values", "epochs"),
    [
        (BASELINE, ".55, .74, .81, .81", {"2.2.4": 2, "2.4.3": 2, "2.6.0": 2, "2.12.0": 4}),
        (BASELINE, ".8, .7, .9, .8, .8", {"2.2.4": 5, "2.6.0": 5}),
        (WAITS, ".5, .4, .3, .3", {"1.2.2": 3, "2.0.8": 3, "2.0.9": 2, "2.2.4": 2, "2.12.0": 2}),
        (
            "EarlyStopping('score_acc')",
            ".5, .6, .7, .6",
            {"1.2.2": 4, "2.2.4": 4, "2.6.0": 1, "2.7.0": 2, "2.12.0": 4},
        ),
        (
            "EarlyStopping('score_acc', min_delta=-.1)",
            ".5, .45, .42, .3, .3",
            {"2.2.4": 4, "2.4.3": 2},
        ),
        ("EarlyStopping('score_acc', mode='min', patience=1)", ".5, .6, .7", {"2.2.4": 2}),
        ("EarlyStopping('score_acc', mode='minimum')", ".5, .6, .7", {"2.2.4": 3}),
    ],
)
@pytest.mark.filterwarnings("ignore:EarlyStopping. the mode")
def test_early_stopping_stops_where_its_version_did(tmp_path, callback, values, epochs):
    for version, count in epochs.items():
        lines = run(tmp_path, f"print(fit([{values}], {callback}))", version)
        assert lines == [str(count)], version


@pytest.mark.parametrize(
    ("values", "version", "restored"),
    [
        (".5, .4, .3, .2", "2.2.4", [0]),
        (".5, .6, .4", "2.2.4", []),  # it did not stop: Keras 3 restores then too
        (".5, .6, .4", "2.6.0", []),
        (".5, .6, .4, .4", "2.6.0", [1]),
    ],
)
def test_the_best_weights_come_back_where_it_stopped(tmp_path, values, version, restored):
    text = f"""
stop = EarlyStopping('score_acc', patience=2, restore_best_weights=True)
print(fit([{values}], stop) and stop.stopped_epoch)
end = model.get_weights()
print([k for k, w in enumerate(kept[:-1]) if same(w, end)])
"""
    assert run(tmp_path, text, version)[1] == str(restored)


@pytest.mark.parametrize(
    ("version", "rates"),
    [
        ("1.2.2", [1, 1, 1, 0.5, 0.5, 0.25]),
        ("2.1.5", [1, 1, 1, 0.5, 0.5, 0.25]),
        ("2.1.6", [1, 1, 0.5, 0.5, 0.25, 0.25]),
        ("2.2.4", [1, 1, 0.5, 0.5, 0.25, 0.25]),
        ("2.12.0", [1, 1, 0.5, 0.5, 0.25, 0.25]),
    ],
)
def test_a_plateau_reduces_the_rate_where_its_version_did(tmp_path, version, rates):
    text = """
K = keras.backend
K.set_value(model.optimizer.lr, 1.)
after = LambdaCallback(on_epoch_end=lambda epoch, logs: rates.append(model.optimizer.lr + 0))
rates = []
fit([.5] * 6, ReduceLROnPlateau('score_acc', .5, 2), after)
print(rates)
print(model.history.history['lr'] == [1., *rates[:-1]], 'learning_rate' in model.history.history)
"""
    assert run(tmp_path, text, version) == [str([float(rate) for rate in rates]), "True False"]


@pytest.mark.parametrize(("version", "times"), [("2.1.2", 1), ("2.2.4", 3), ("2.4.3", 1)])
def test_a_lowest_rate_that_rounds_up_was_reached_again_and_again(tmp_path, version, times):
    text = "fit([.5] * 4, ReduceLROnPlateau('score_acc', .1, 0, 1, min_lr=.3))"
    lines = run(tmp_path, f"model.optimizer.lr = 1.\n{text}", version)
    assert sum("learning rate to 0.3." in line for line in lines) == times


SCHEDULES = """
def alone(epoch): return 1. / (epoch + 1)
def both(epoch, rate=.5): return rate / 2
def named(epoch, lr=.25): return lr / 2
for schedule in alone, both, named:
    keras.backend.set_value(model.optimizer.lr, 1.)
    fit([.5, .6], LearningRateScheduler(schedule))
    print(model.optimizer.lr + 0, 'lr' in model.history.history)
"""


@pytest.mark.parametrize(
    ("version", "rates", "logged"),
    [
        ("1.2.2", [0.5, 0.25, 0.125], False),
        ("2.1.6", [0.5, 0.25, 0.25], False),
        ("2.2.4", [0.5, 0.25, 0.25], True),
        ("2.4.3", [0.5, 0.25, 0.25], True),
    ],
)
def test_a_schedule_gets_what_its_version_gave(tmp_path, version, rates, logged):
    assert run(tmp_path, SCHEDULES, version) == [f"{rate} {logged}" for rate in rates]


@pytest.mark.parametrize(
    ("version", "first"), [("1.2.2", "00"), ("2.0.8", "00"), ("2.0.9", "01"), ("2.2.4", "01")]
)
def test_a_checkpoint_is_numbered_as_its_version_did(tmp_path, version, first):
    text = f"""
import os
path = {str(tmp_path)!r} + '/w-{{epoch:02d}}-{{score_acc:.1f}}'
fit([.5, .4, .6], ModelCheckpoint(path, 'score_acc', save_best_only=True, save_weights_only=False))
print(sorted(name for name in os.listdir({str(tmp_path)!r}) if name.startswith('w-')))
fit([.5], ModelCheckpoint(path + 'lost', 'val_nothing', save_best_only=True))
fit([.5, .4, .6], ModelCheckpoint(path + 'second', period=2))
print(sorted(name for name in os.listdir({str(tmp_path)!r}) if name.startswith('w-') and name[8:]))
"""
    last, second = int(first) + 2, int(first) + 1
    with pytest.warns(UserWarning, match="watches 'val_nothing'"):
        lines = run(tmp_path, text, version)
    assert lines == [f"['w-{first}-0.5', 'w-{last:02d}-0.6']", f"['w-{second:02d}-0.4second']"]


WORDS = """
fit([.5, .4], ModelCheckpoint('FOLDER/w', 'score_acc', 1, True),
    ReduceLROnPlateau('score_acc', .5, 0, 1), LearningRateScheduler(lambda epoch: .5, **SAYS),
    EarlyStopping('score_acc', 0, 0, 1, **BEST))
"""
SAID = {
    "2.2.4": """
Epoch 00001: LearningRateScheduler setting learning rate to 0.5.

Epoch 00001: score_acc improved from -inf to 0.50000, saving model to FOLDER/w

Epoch 00002: LearningRateScheduler setting learning rate to 0.5.

Epoch 00002: score_acc did not improve from 0.50000

Epoch 00002: ReduceLROnPlateau reducing learning rate to 0.25.
Restoring model weights from the end of the best epoch
Epoch 00002: early stopping""",
    "1.2.2": """Epoch 00000: score_acc improved from -inf to 0.50000, saving model to FOLDER/w
Epoch 00001: score_acc did not improve

Epoch 00001: reducing learning rate to 0.25.
Epoch 00001: early stopping""",
    "2.12.0": """
Epoch 1: LearningRateScheduler setting learning rate to 0.5.

Epoch 1: score_acc improved from -inf to 0.50000, saving model to FOLDER/w

Epoch 2: LearningRateScheduler setting learning rate to 0.5.

Epoch 2: score_acc did not improve from 0.50000

Epoch 2: ReduceLROnPlateau reducing learning rate to 0.25.
Restoring model weights from the end of the best epoch: 1.
Epoch 2: early stopping""",
}


@pytest.mark.parametrize("version", SAID)
def test_callbacks_speak_in_the_words_of_their_version(tmp_path, version):
    options = "SAYS, BEST = {'verbose': 1}, {'restore_best_weights': 1}"
    options = "SAYS, BEST = {}, {}" if version == "1.2.2" else options
    lines = run(tmp_path, options + WORDS.replace("FOLDER", str(tmp_path)), version)
    assert "\n".join(lines) == SAID[version].replace("FOLDER", str(tmp_path))


def test_a_table_on_disk_has_the_columns_of_its_version(tmp_path):
    text = f"fit([.5], CSVLogger({str(tmp_path / 'log.csv')!r}, append=True))"
    (tmp_path / "log.csv").write_text("other,columns\n", encoding="ascii")
    run(tmp_path, text, "2.2.4")
    lines = (tmp_path / "log.csv").read_text(encoding="ascii").split("\n")
    assert (lines[0], len(lines[1].split(","))) == ("other,columns", 4)
    for version, names in (
        ("2.2.4", "epoch,acc,loss,score_acc"),
        ("2.13.0", "epoch,accuracy,loss,score_acc,val_accuracy,val_loss,val_score_acc"),
    ):
        run(tmp_path, text.replace(", append=True", ""), version)
        assert (tmp_path / "log.csv").read_text(encoding="ascii").split("\n")[0].strip() == names


TOLD = """
class Seen(Callback):
    def on_train_begin(self, logs=None):
        p, v = self.params, self.validation_data
        print(p['metrics'], p['nb_epoch'], p['epochs'], p['nb_sample'], p['do_validation'])
        print(None if v is None else [a.shape for a in v])
        print(v is not None and (v[0] == x[8:]).all() and (v[1] == y[8:]).all())
for validation in {'validation_split': .2}, {'validation_data': (x[8:], y[8:])}, {}:
    h = model.fit(x, y, nb_epoch=2, verbose=0, callbacks=[Seen()], **validation)
    print(list(h.history))
"""


def test_a_callback_finds_params_and_validation_data(tmp_path):
    names = "['loss', 'acc', 'val_loss', 'val_acc']"
    shapes = "[(2, 3, 2), (2, 4), (2,)]"
    order = "['val_loss', 'val_acc', 'loss', 'acc']"
    assert run(tmp_path, TOLD, "2.2.4") == [
        *(f"{names} 2 2 8 True", shapes, "True", order),
        *(f"{names} 2 2 10 True", shapes, "True", order),
        *("['loss', 'acc'] 2 2 10 False", "None", "False", "['loss', 'acc']"),
    ]
    assert run(tmp_path, TOLD, "2.4.3")[1:4] == [
        "None",
        "False",
        "['loss', 'accuracy', 'val_loss', 'val_accuracy']",
    ]


def test_a_number_that_nobody_knows_is_watched_all_the_same(tmp_path):
    text = "print(fit([.5, .6], EarlyStopping('val_f1'), ReduceLROnPlateau('val_f1')))"
    with pytest.warns(UserWarning, match="watches 'val_f1'"):
        assert run(tmp_path, text, "2.2.4") == ["2"]


def test_a_loss_that_is_not_finite_ends_a_training_in_the_old_words(tmp_path):
    text = """
model.compile('sgd', 'mse')
model.set_weights([w * 0 + 1e38 for w in model.get_weights()])
print(len(model.fit(x, y, epochs=3, verbose=0, callbacks=[TerminateOnNaN()]).epoch))
"""
    with pytest.warns(RuntimeWarning, match="The loss of batch 0"):
        lines = run(tmp_path, text, "2.2.4")
    assert lines == ["Batch 0: Invalid loss, terminating training", "1"]


def test_what_a_lambda_callback_is_given_otherwise_is_its_own(tmp_path):
    text = """
seen = []
c = LambdaCallback(None, lambda epoch, logs: seen.append(epoch), colour='red')
fit([.5, .6], c)
print(seen, c.colour, isinstance(EarlyStopping(), Callback))
"""
    assert run(tmp_path, text, "2.2.4") == ["[0, 1] red True"]


@pytest.mark.parametrize("version", ["2.2.4", "2.15"])
def test_evaluate_and_predict_take_callbacks(tmp_path, version):
    script = """
class Tells(keras.callbacks.Callback):
    def on_test_begin(self, logs=None):
        print("test", self.validation_data)
    def on_predict_end(self, logs=None):
        print("predicted")
model.evaluate(x, y, verbose=0, callbacks=[Tells()])
model.predict(x, callbacks=[Tells()])
"""
    assert run(tmp_path, script, version) == ["test None", "predicted"]
