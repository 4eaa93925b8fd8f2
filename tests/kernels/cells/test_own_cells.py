"""Cells of a user's own have what ours have: modes, masks, dropout, threads, streams."""

import re
from functools import partial

import pytest

import tinylstm
from tests import ROOT
from tests.models import MODES, random_states, randomize
from tests.own_cells import CELLS, run_plain
from tests.tolerances import DIFFERENCES, NAIVE, assert_close, bits
from tinylstm import (
    RNN,
    Adam,
    Bidirectional,
    Dense,
    Masking,
    Sequential,
    gradient_check,
)
from tinylstm.layers import GRU, LSTM

B, T, D, H = 3, 4, 2, 5
EACH = pytest.mark.parametrize("name", CELLS)


@pytest.fixture(autouse=True)
def one_thread():
    tinylstm.set_num_threads(1)
    yield
    tinylstm.set_num_threads(None)


def own(name, units=H, **options):
    return RNN(CELLS[name][0], units, **options)


def made(layers, rng, dtype="float64", loss="mse"):
    layers[0].batch_input_shape = (B, T, D)
    model = randomize(Sequential(layers, dtype=dtype), rng)
    model.compile(Adam(0.01), loss)
    return model


def masked(rng, rows=B):
    """Sequences of which some steps are zeros."""
    x = rng.normal(size=(rows, T, D))
    x[0, 2:] = x[1, 0] = 0
    return x


@pytest.mark.uncompiled
@EACH
@pytest.mark.parametrize("mask", [False, True])
def test_outputs_are_those_of_a_plain_loop(name, mask, rng):
    layers = [Masking()] * mask + [own(name, return_sequences=True)]
    model = made(layers, rng)
    x = masked(rng)
    wanted = run_plain(layers[-1], x, CELLS[name][1], (x != 0).any(axis=-1) if mask else None)
    found = model.predict(x)
    if mask:  # before the first step that counts there is no output
        found, wanted = found[:, 1:], wanted[:, 1:]
    assert_close(found, wanted, NAIVE["float64"], "y")
    twin = made([Masking()] * mask + [own(name, return_sequences=True)], rng, "float32")
    twin.set_weights(model.get_weights())
    assert_close(twin.predict(x)[:, mask:], wanted, NAIVE["float32"], "y")


STACKS = {
    "one": lambda name, **mode: [own(name, **mode)],
    "steps": lambda name, **mode: [own(name, return_sequences=True, **mode), own(name, 4, **mode)],
    "masked": lambda name, **mode: [Masking(), own(name, return_sequences=True, **mode)],
    "backwards": lambda name, **mode: [Masking(), own(name, go_backwards=True, **mode)],
    "both": lambda name, **mode: [Masking(), Bidirectional(own(name, **mode))],
    "thinned": lambda name, **mode: [own(name, dropout=0.4, recurrent_dropout=0.3, **mode)],
}
IN_MODES = [
    (mode, stack)
    for mode in MODES
    for stack in STACKS
    if mode != "batch_carried" or stack not in ("backwards", "both")
]


@pytest.mark.parametrize(("mode", "stack"), IN_MODES)
@EACH
def test_gradients_in_every_mode(name, mode, stack, rng):
    model = made([*STACKS[stack](name, **MODES[mode]), Dense(2)], rng)
    if model.state.hand_on:
        model.set_states(random_states(model, B, rng))
    y = rng.normal(size=(B, *model.output_shape[1:]))
    report = gradient_check(model, masked(rng), y)
    assert report.worst_error <= DIFFERENCES, f"\n{report}"
    names = [difference.name for difference in report]
    for vector in CELLS[name][0].vectors:
        assert any(tensor.endswith(vector) for tensor in names)


@pytest.mark.uncompiled
@EACH
def test_gradients_uncompiled_too(name, rng):
    model = made([Masking(), own(name, 3, use_bias=False), Dense(1)], rng)
    report = gradient_check(model, masked(rng), rng.normal(size=(B, 1)))
    assert report.worst_error <= DIFFERENCES, f"\n{report}"


def copied(name):
    """One of our cells from a copy of its file, as a script has it."""
    text = (ROOT / "kernels" / "cells" / f"{name}.py").read_text(encoding="utf-8")
    text = re.sub(r"from \.\.(activations|products)", "from tinylstm.kernels", text)
    names = {"__name__": __name__}
    exec(text.replace("from .cell", "from tinylstm"), names)
    return names[name]


COPIES = {
    "lstm": lambda H: LSTM(H, unit_forget_bias=False),
    "gru": GRU,
    "gru_reset_before": partial(GRU, reset_after=False),
}


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("name", COPIES)
def test_a_copy_of_ours_has_our_bits(name, dtype, rng):
    x, y, found = masked(rng), rng.normal(size=(B, 2)), []
    for first in (COPIES[name](H), RNN(copied(name), H)):
        tinylstm.set_random_seed(3)
        model = Sequential([Masking(input_shape=(T, D)), first, Dense(2)], dtype=dtype)
        model.compile(Adam(0.01), "mse")
        model.fit(x, y, 2, epochs=3, verbose=0)
        found.append((bits(model.theta), bits(model.predict(x))))
    assert found[0] == found[1]
