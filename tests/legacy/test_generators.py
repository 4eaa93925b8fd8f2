"""fit_generator and its kind: batches of a generator, counted as each version counted them."""

import re

import pytest

from tests.old_scripts import MODEL, run_text

BATCHES = """
def batches():
    while True:
        for k in range(0, 10, 5):
            yield x[k:k + 5], y[k:k + 5]

def report(history):
    print(len(history.epoch), model.optimizer.iterations, sorted(history.history))
"""
CALLS = {  # version: training, evaluation, prediction
    "1.2.2": ("samples_per_epoch=10, nb_epoch=3", "val_samples=10"),
    "2.2.4": ("steps_per_epoch=2, epochs=3, workers=2, max_queue_size=1", "steps=2"),
    "2.0.2": ("samples_per_epoch=10, nb_epoch=3, pickle_safe=True", "2"),
}
BY_PLACE = {"1.2.2": ("10, 3, 0", "10"), "2.2.4": ("2, 3, 0", "2")}


def run(folder, text, version="2.2.4"):
    """What a script prints behind a model and batches."""
    ran = run_text(folder, MODEL + BATCHES + text, version=version)
    assert ran.status == 0, ran.err
    return ran


@pytest.mark.parametrize(
    ("version", "train", "count"),
    [(version, *call) for calls in (CALLS, BY_PLACE) for version, call in calls.items()],
)
def test_counts_of_batches_and_of_samples(tmp_path, version, train, count):
    text = (
        f"report(model.fit_generator(batches(), {train}))\n"
        f"scores = model.evaluate_generator(batches(), {count})\n"
        "print(np.allclose(scores, model.evaluate(x, y, verbose=0)))\n"
        f"outputs = model.predict_generator((a for a, b in batches()), {count})\n"
        "print(np.allclose(outputs, model.predict(x)))\n"
    )
    assert run(tmp_path, text, version).lines[-3:] == ["3 6 ['acc', 'loss']", "True", "True"]


@pytest.mark.parametrize(
    "validation",
    [
        *("batches(), nb_val_samples=10", "(x, y)", "[x, y]"),
        *("(x, y), nb_val_samples=4", "(x, y), validation_steps=1"),
    ],
)
def test_validation_of_a_generator(tmp_path, validation):
    ran = run(
        tmp_path,
        "h = model.fit_generator(batches(), 2, 2, verbose=2, validation_data="
        f"{validation})\nprint(h.history['val_loss'][1] == model.evaluate(x, y, verbose=0)[0])",
    )
    assert ran.lines[0] == "Epoch 1/2"
    assert "- val_loss: " in ran.lines[1]
    assert len(ran.lines) == 5


@pytest.mark.parametrize("version", ["1.2.2", "2.2.4"])
def test_a_callback_finds_what_a_generator_is_validated_on(tmp_path, version):
    text = """
from keras.callbacks import Callback
class Seen(Callback):
    def on_epoch_end(self, epoch, logs=None):
        print([a.shape for a in self.validation_data or ()])
count = {count}
for data in (x[:4], y[:4]), batches():
    model.fit_generator(batches(), count, 1, 0, [Seen()], data, count)
"""
    ran = run(tmp_path, text.replace("{count}", "10" if version == "1.2.2" else "2"), version)
    assert ran.lines == ["[(4, 3, 2), (4, 4), (4,)]", "[]"]


def test_training_is_that_on_the_same_batches(tmp_path):
    text = (
        "start = model.get_weights()\nmodel.fit_generator(batches(), 2, 3, verbose=0)\n"
        "found = model.get_weights()\nmodel.set_weights(start)\n"
        "model.compile(loss='categorical_crossentropy', optimizer='adam')\n"
        "model.fit(x, y, batch_size=5, epochs=3, shuffle=False, verbose=0)\n"
        "print(all((a == b).all() for a, b in zip(found, model.get_weights())))"
    )
    assert run(tmp_path, text).out == "True\n"


@pytest.mark.parametrize(("version", "count"), [("1.2.2", 10), ("2.2.4", 2), ("2.4.3", 2)])
def test_the_bar_counts_batches(tmp_path, version, count):
    ran = run(tmp_path, f"model.fit_generator(batches(), {count}, 1)", version)
    last = re.split(r"[\n\r]", ran.out.strip())[-1]
    assert last.startswith(f"2/2 [{'=' * 30}] - 0s")


@pytest.mark.parametrize("version", ["2.2.4", "2.9.0"])
@pytest.mark.parametrize("verbose", [1, 2])
def test_a_generator_without_a_length_ends_its_only_epoch(tmp_path, version, verbose):
    text = f"model.fit_generator(iter([(x, y)] * 3), epochs=1, verbose={verbose})"
    ran = run(tmp_path, text, version)
    last = re.split(r"[\n\r]", ran.out.strip())[-1]
    if verbose == 1:
        assert last.startswith("      3/Unknown - 0s ")
    else:
        assert last.startswith({"2.2.4": " - 0s - loss", "2.9.0": "3/3 - 0s - loss"}[version])


def test_callbacks_between_batches_of_a_generator(tmp_path):
    text = (
        "from keras.callbacks import LambdaCallback\n"
        "seen = []\nkept = LambdaCallback(on_batch_end=lambda batch, logs: seen.append(batch))\n"
        "model.fit_generator(batches(), 2, 2, verbose=0, callbacks=[kept])\nprint(seen)"
    )
    assert run(tmp_path, text).out == "[0, 1, 0, 1]\n"


OWN_SEQUENCE = """
class Parts(keras.utils.Sequence):
    def __len__(self):
        return 2

    def __getitem__(self, k):
        return x[5 * k:5 * k + 5], y[5 * k:5 * k + 5]

class Counted(Parts):
    ends = 0
    def on_epoch_end(self):
        self.ends += 1

print([len(a) for a, b in Parts()])
counted = Counted()
report(model.fit(Parts(), epochs=2, verbose=0))
report(model.fit_generator(counted, epochs=3, workers=4, verbose=0))
print(counted.ends)
"""


@pytest.mark.parametrize("version", ["2.2.4", "2.4.3"])
def test_a_sequence_of_the_scripts_own(tmp_path, version):
    ran = run(tmp_path, f"import keras\n{OWN_SEQUENCE}", version)
    name = {"2.2.4": "acc", "2.4.3": "accuracy"}[version]
    names = ["loss", name] if name > "loss" else [name, "loss"]
    assert ran.lines == ["[5, 5]", f"2 4 {names}", f"3 10 {names}", "3"]


def test_a_generator_is_not_shuffled_and_a_stateful_model_says_nothing(tmp_path):
    text = (
        "model = Sequential([LSTM(4, batch_input_shape=(5, 3, 2), stateful=True)])\n"
        "model.compile('sgd', 'mse')\n"
        "report(model.fit_generator(batches(), 2, 3, verbose=0))"
    )
    ran = run(tmp_path, text)
    assert (ran.lines, ran.err) == (["3 6 ['loss']"], "")
