"""The cosine done right: the state of a window goes to the window that follows it.

    python -m tinylstm demo cosine-right

trains one model in three ways, about a second in all; with windows that follow each other the
forecast mostly keeps to the wave for all 500 steps, and with the tutorial's for some ten.
"""

import numpy as np

from tinylstm import LSTM, Dense, Sequential, sliding_windows

from .cosine import AHEAD, KNOWN, describe, measure, wave
from .figures import beside_the_wave, figure, stacked, titled
from .pages import Page

TUTORIAL, FOLLOWING, SINGLE = "40 values, stride 1", "40 values, stride 40", "1 value, stride 1"
FIT = {"batch_size": 1, "shuffle": False, "reset_states": "epoch"}
EPOCHS = {TUTORIAL: 30, FOLLOWING: 500, SINGLE: 30}  # 22,800, 9,500 and 23,970 updates


def data():
    """The known wave cut in three ways: windows, and the value after each."""
    return {
        TUTORIAL: sliding_windows(wave(KNOWN), look_back=40, stride=1),
        FOLLOWING: sliding_windows(wave(KNOWN), look_back=40, stride=40),
        SINGLE: sliding_windows(wave(KNOWN), look_back=1, stride=1),
    }


def build(gates="sigmoid"):
    """32 units that carry their state, for windows of any length."""
    model = Sequential()
    shape = (1, None, 1)
    model.add(LSTM(32, batch_input_shape=shape, stateful=True, recurrent_activation=gates))
    model.add(Dense(1))
    model.compile(loss="mse", optimizer="adam")
    return model


def train(model, x, y, epochs, verbose=1):
    """One window a batch, in order; the state is reset after each epoch."""
    return model.fit(x, y, epochs=epochs, verbose=verbose, **FIT)


def forecast(model):
    """Read the known wave once, then each answer alone: what came before is in the state."""
    with model.scratch_state(zero=True):
        answers = [model.predict(wave(KNOWN).reshape(1, KNOWN, 1), batch_size=1).item()]
        while len(answers) < AHEAD:
            answers.append(model.predict([[[answers[-1]]]], batch_size=1).item())
    return np.array(answers)


def draw(models):
    """The forecast of each way beside the wave."""

    def one(way, model, ax):
        beside_the_wave(forecast(model), f"windows of {way}", ax)

    title = "cosine-right: a state for windows that follow each other"
    return titled(stacked(models, one, (9, 4)), title)


def show(models):
    """The forecast of each way, and why they differ."""
    numbers = {way: measure(forecast(model)) for way, model in models.items()}
    print("On its own answers, after training with windows of")
    for way, model in models.items():
        print(f"  {way} ({model.optimizer.iterations:,} updates):\n    {describe(numbers[way])}")
    print(
        "\nA state is for what comes next. With stride 1 it goes to a window that begins 39 steps"
        "\nback; with stride 40 to the value after. Single steps hand it on right as well, but the"
        "\ngradient ends where a window begins: none says what the steps before should remember."
    )
    return {f"{way}: {name}": n for way, found in numbers.items() for name, n in found.items()}


def main(epochs=None, gates="sigmoid", plot=None, verbose=1):
    """Data, models, train, show."""
    samples = data()
    models = {way: build(gates) for way in samples}
    with figure(plot, models[FOLLOWING], lambda: draw(models)):
        for way, model in models.items():
            train(model, *samples[way], epochs or EPOCHS[way], verbose)
    return show(models)


PAGE = Page(build, lambda: data()[FOLLOWING], EPOCHS[FOLLOWING], FIT)
