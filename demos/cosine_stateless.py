"""E7, a cosine, stateless: windows of 20 values, then 500 steps on its own answers.

    python -m tinylstm demo cosine-stateless

trains 23,400 updates in about a second; the forecast leaves the wave within its first wave.
"""

from tinylstm import LSTM, Dense, Dropout, Sequential, sliding_windows

from .cosine import KNOWN, describe, forecast, measure, one_step_error, wave
from .figures import beside_the_wave, figure
from .pages import Page

EPOCHS, FIT = 30, {"batch_size": 1}
LOOK_BACK = 20
TITLE = "cosine-stateless: windows of 20 values, each from a zero state"


def data():
    """780 windows of 20 values, each a step further on, and the value after each."""
    return sliding_windows(wave(KNOWN), LOOK_BACK)


def build(gates="sigmoid"):
    """32 units; each window starts from a zero state."""
    model = Sequential()
    model.add(LSTM(32, input_shape=(LOOK_BACK, 1), recurrent_activation=gates))
    model.add(Dropout(0.2))
    model.add(Dense(1))
    model.compile(loss="mse", optimizer="adam")
    return model


def train(model, x, y, epochs, verbose=1):
    """One window a batch, in random order."""
    return model.fit(x, y, epochs=epochs, verbose=verbose, **FIT)


def show(model, x, y):
    """The error one step ahead, and that of the forecast on its own answers."""
    numbers = measure(forecast(model, LOOK_BACK))
    error = one_step_error(model, x, y)
    print(f"One step ahead, from true values: RMSE {error:.3f} (the wave goes from 0 to 1)")
    print(f"On its own answers: {describe(numbers)}")
    print(
        "\nA closed loop feeds each error back: here its error is"
        f" {numbers['RMSE (wave 0..1)'] / error:.0f} times that of one step.\nA good fit to the"
        " training windows says little about it."
    )
    return numbers


def main(epochs=EPOCHS, gates="sigmoid", plot=None, verbose=1):
    """Data, model, train, show."""
    x, y = data()
    model = build(gates)
    with figure(plot, model, lambda: beside_the_wave(forecast(model, LOOK_BACK), TITLE)):
        train(model, x, y, epochs, verbose)
    return show(model, x, y)


PAGE = Page(build, data, EPOCHS, FIT)
