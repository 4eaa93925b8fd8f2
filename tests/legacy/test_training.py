"""Old scripts train as the engine does: seeds, gates, state modes, decay, order of the samples."""

import numpy as np
import pytest

import tinylstm
from tests.old_scripts import MODEL, run_text
from tinylstm import losses, settings
from tinylstm.legacy.values import OfOutputs

PRINT = "print([float(a) for w in model.get_weights() for a in w.reshape(-1)])\n"
TRAIN = "model.fit(x, y, batch_size=2, epochs=3, verbose=0)\n" + PRINT


@pytest.fixture
def unseeded(monkeypatch):
    """`set_random_seed` was not called, as in a new process."""
    monkeypatch.setattr(settings, "_seeds", None)


def numbers(ran):
    """The list of numbers that a script printed."""
    assert ran.status == 0, ran.err
    return np.array(eval(ran.lines[-1]))


def trained(text, folder, **dialect):
    """The weights that a script ends with."""
    return numbers(run_text(folder, text, **dialect))


LOSS = losses.get("categorical_crossentropy")
OLD_LOSS = OfOutputs("categorical_crossentropy")


def engine_weights(
    optimizer="adam",
    gates="hard_sigmoid_keras2",
    mode="stateless",
    shuffle=True,
    loss=OLD_LOSS,
):
    """What the script `MODEL + TRAIN` means, written for this package."""
    np.random.seed(3)  # noqa: NPY002  as the script does
    x, y = np.random.random((10, 3, 2)), np.eye(4)[np.arange(10) % 4]  # noqa: NPY002
    lstm = tinylstm.LSTM(5, input_shape=(3, 2), recurrent_activation=gates, state_mode=mode)
    model = tinylstm.Sequential([lstm, tinylstm.Dense(4, activation="softmax")])
    model.compile(optimizer, loss)
    model.fit(x, y, batch_size=2, epochs=3, verbose=0, shuffle=shuffle)
    return np.concatenate([array.reshape(-1) for array in model.get_weights()])


def test_numpys_seed_makes_a_script_repeat_bit_for_bit(tmp_path, unseeded):
    first = trained(MODEL + TRAIN, tmp_path)
    np.testing.assert_array_equal(first, trained(MODEL + TRAIN, tmp_path))
    other = MODEL.replace("seed(3)", "seed(4)")
    assert not np.array_equal(first, trained(other + TRAIN, tmp_path))


@pytest.mark.parametrize(
    "seed",
    [
        "import tensorflow as tf; tf.random.set_seed(5)",
        "import tensorflow as tf; tf.set_random_seed(5)",
        "from tensorflow import keras; keras.utils.set_random_seed(5)",
    ],
)
def test_tensorflows_seeds_make_a_script_repeat_too(tmp_path, unseeded, seed):
    texts = [f"{seed}\n{MODEL.replace('np.random.seed(3)', '')}{PRINT}" for _ in range(2)]
    first, second = (trained(text, tmp_path) for text in texts)
    np.testing.assert_array_equal(first, second)


@pytest.mark.parametrize(
    ("dialect", "gates", "loss"),
    [
        ({}, "hard_sigmoid_keras2", OLD_LOSS),
        ({"gates": "sigmoid"}, "sigmoid", OLD_LOSS),
        ({"version": "2.4.3"}, "sigmoid", LOSS),
        ({"version": "2.4.3", "gates": "hard_sigmoid"}, "hard_sigmoid_keras2", LOSS),
    ],
)
def test_a_script_trains_as_the_engine_with_the_gates_of_its_version(
    tmp_path, unseeded, dialect, gates, loss
):
    found = trained(MODEL + TRAIN, tmp_path, **dialect)
    np.testing.assert_array_equal(found, engine_weights(gates=gates, loss=loss))


@pytest.mark.parametrize("mode", ["stateless", "batch_carried", "stateful"])
def test_a_forced_state_mode_trains_as_the_engine_in_that_mode(tmp_path, unseeded, mode):
    text = MODEL + TRAIN.replace("verbose=0", "verbose=0, shuffle=False")
    found = trained(text, tmp_path, state_mode=mode)
    np.testing.assert_array_equal(found, engine_weights(mode=mode, shuffle=False))
    if mode != "stateless":
        assert not np.array_equal(found, engine_weights(shuffle=False))


def test_decay_reaches_the_updates(tmp_path, unseeded):
    text = MODEL.replace("'adam'", "keras.optimizers.SGD(lr=0.5, decay=0.2)")
    found = trained(f"import keras\n{text}{TRAIN}", tmp_path)
    np.testing.assert_array_equal(found, engine_weights(tinylstm.SGD(0.5, decay=0.2)))
    assert not np.array_equal(found, engine_weights(tinylstm.SGD(0.5)))


def test_samples_of_a_stateful_model_are_shuffled_unless_the_script_says_no(tmp_path, unseeded):
    text = MODEL.replace("input_shape=(3, 2)", "batch_input_shape=(2, 3, 2), stateful=True")
    with pytest.warns(UserWarning, match="shuffle=True with a carried state"):
        shuffled = trained(text + TRAIN, tmp_path)
    in_order = trained(text + TRAIN.replace("verbose=0", "verbose=0, shuffle=False"), tmp_path)
    assert not np.array_equal(shuffled, in_order)


def test_a_learning_rate_set_through_the_backend_is_that_of_the_next_update(tmp_path, unseeded):
    change = "keras.backend.set_value(model.optimizer.lr, 0.25)\n"
    text = MODEL.replace("'adam'", "keras.optimizers.SGD(lr=0.5)")
    found = trained(f"import keras\n{text}{change}{TRAIN}", tmp_path)
    np.testing.assert_array_equal(found, engine_weights(tinylstm.SGD(0.25)))
