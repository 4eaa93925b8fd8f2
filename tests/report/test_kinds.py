"""Pages of models of all kinds: every panel shows something, and nothing is said in the console."""

import pytest

import tinylstm
from tests.models import randomize
from tests.own_cells import peephole
from tinylstm import (
    GRU,
    LSTM,
    RNN,
    Bidirectional,
    Dense,
    RepeatVector,
    Sequential,
    SimpleRNN,
)

from .conftest import move, settled
from .using import enter

N, T, D = 6, 4, 2
EVERY = {"return_sequences": True}
MODELS = {
    "both ways": ([Bidirectional(LSTM(3, **EVERY)), GRU(2), Dense(2)], (T, D)),
    "decoder": ([LSTM(3), RepeatVector(T + 2), GRU(3, **EVERY), Dense(1)], (T, D)),
    "samples of one step": ([LSTM(3, state_mode="batch_carried"), Dense(2)], (1, D)),
    "backwards": ([SimpleRNN(3, go_backwards=True, **EVERY), LSTM(3), Dense(2)], (T, D)),
    "own cell": ([RNN(peephole, 3, **EVERY), LSTM(2), Dense(2)], (T, D)),
    "vectors": ([Dense(4), RepeatVector(3), LSTM(3), Dense(2)], (D,)),
}


@pytest.mark.parametrize("name", MODELS)
def test_every_panel_shows_something_wherever_the_cursor_is(tmp_path, opened, rng, name):
    layers, shape = MODELS[name]
    model = Sequential([layer.copy() for layer in layers])
    model.build((None, *shape))
    x, path = rng.normal(size=(N, *shape)), tmp_path / "report.html"
    tinylstm.report(randomize(model, rng), x, path=path, batch_size=3)
    tab = opened(path)
    layers = tab.locator("#at-layer option").count()
    for layer in range(max(1, layers)):
        if layers:
            enter(tab.locator("#at-layer"), layer, "change")
        move(tab, sample=N - 1, unit=1)
        if len(shape) == 2 and shape[0] > 1:
            move(tab, time=shape[0] - 1)
        gate = tab.locator("[data-kind=gate] input[type=number]")
        if gate.count():
            enter(gate, 0.5)
    for section in tab.locator("section .panel").all():
        assert section.inner_text().strip()
    if name != "own cell":
        tab.locator("#whatif .reset").click()
        settled(tab)
    assert "NaN" not in tab.locator("main").inner_text()
