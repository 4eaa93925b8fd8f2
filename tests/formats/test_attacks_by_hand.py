"""What was made by hand to do harm, in each format: judged as what is damaged by chance."""

from importlib.util import find_spec

import numpy as np
import pytest

import tinylstm
from tests.attacks._forks import forks
from tests.attacks._judge import OWN, Row, finds, into
from tests.formats.attacks_by_hand import ATTACKS
from tinylstm import LSTM, Dense, Sequential

CASES = [(suffix, name) for suffix, attacks in ATTACKS.items() for name in attacks]
WHOLE = ".keras", ".h5", ".onnx"
PYTORCH = ".npz", ".pt"  # read by from_torch, into a model


def model_of():
    """A model that is built."""
    tinylstm.set_random_seed(3)
    model = Sequential([LSTM(4, input_shape=(3, 2)), Dense(2)])
    model.compile("adam", "mse")
    model.build((None, 3, 2))
    return model


@pytest.fixture(scope="module", autouse=True)
def reader():
    """Processes that read HDF5 need not start."""
    with forks():
        yield


@pytest.fixture(scope="module")
def sound(tmp_path_factory):
    """{suffix: the bytes of a sound file}."""
    folder, model, found = tmp_path_factory.mktemp("sound"), model_of(), {}
    for suffix in ATTACKS:
        path = folder / f"a{suffix}"
        if suffix == ".npz":
            np.savez(path, **state_of(model))
        elif suffix != ".pt" or find_spec("torch"):
            (model.save if suffix in WHOLE else model.save_weights)(path)
        found[suffix] = path.read_bytes() if path.exists() else None
        if path.exists():
            row_of(suffix).taken(path, *([] if suffix in WHOLE else [model]))  # once, unwatched
    return found


def state_of(model):
    """Its weights, as PyTorch calls them."""
    lstm, head = model.layers
    kernel, recurrent, bias = lstm.get_weights()
    state = {"lstm.weight_ih_l0": kernel.T, "lstm.weight_hh_l0": recurrent.T}
    state |= {"lstm.bias_ih_l0": bias, "lstm.bias_hh_l0": np.zeros_like(bias)}
    return state | {"head.weight": head.get_weights()[0].T, "head.bias": head.get_weights()[1]}


def row_of(suffix):
    """What is asked of a file."""
    if suffix in WHOLE:
        return Row(tinylstm.load_model, seconds=5.0)
    if suffix in PYTORCH:
        return Row(
            lambda path, model: tinylstm.from_torch(path, model=model),
            seconds=5.0,
            model=model_of,
            modules=(*OWN, "torch"),
        )
    return Row(into, seconds=5.0, model=model_of)


@pytest.mark.parametrize(("suffix", "name"), CASES)
def test_an_attack_is_refused_in_a_sentence_or_leads_nowhere(tmp_path, sound, suffix, name):
    if sound[suffix] is None:
        pytest.skip("PyTorch writes such files, and is not installed")
    attack, word = ATTACKS[suffix][name]
    row, said = row_of(suffix), []

    def taken(path, *models):
        try:
            return row.taken(path, *models)
        except ValueError as reason:
            said.append(str(reason))
            raise

    judged = Row(taken, seconds=5.0, model=row.model, modules=row.modules)
    path = tmp_path / f"a{suffix}"
    assert list(finds(judged, path, name, attack(sound[suffix]))) == []
    assert [path.name for path in tmp_path.iterdir()] == [path.name]
    assert len(said) == (0 if word is None else 1), said
    assert word is None or word in said[0]
