"""E8, the cosine with a carried state, as the tutorial has it: each window starts from the last.

    python -m tinylstm demo cosine-stateful

trains 22,800 updates in one to two seconds; the forecast leaves the wave within its first wave.
"""

from tinylstm import LSTM, Dense, Dropout, Sequential, sliding_windows

from .cosine import KNOWN, describe, forecast, measure, one_step_error, wave
from .figures import beside_the_wave, figure
from .pages import Page

EPOCHS, FIT = 30, {"batch_size": 1, "shuffle": False, "reset_states": "epoch"}
LOOK_BACK = 40
TITLE = "cosine-stateful: overlapping windows, each from the state after the last"


def data():
    """760 windows of 40 values, each a step further on, and the value after each."""
    return sliding_windows(wave(KNOWN), LOOK_BACK)


def build(gates="sigmoid"):
    """32 units; each window starts from the state that the one before ended with."""
    model = Sequential()
    shape = (1, LOOK_BACK, 1)
    model.add(LSTM(32, batch_input_shape=shape, stateful=True, recurrent_activation=gates))
    model.add(Dropout(0.2))
    model.add(Dense(1))
    model.compile(loss="mse", optimizer="adam")
    return model


def train(model, x, y, epochs, verbose=1):
    """One window a batch, in order; the state is reset after each epoch."""
    return model.fit(x, y, epochs=epochs, verbose=verbose, **FIT)


def show(model, x, y):
    """The error one step ahead, that of the forecast, and what the state had seen already."""
    error = one_step_error(model, x, y)
    numbers = measure(forecast(model, LOOK_BACK))
    seen = next(k for k in range(LOOK_BACK, -1, -1) if (x[1:, :k] == x[:-1, LOOK_BACK - k :]).all())
    print(f"One step ahead, from true values: RMSE {error:.3f} (the wave goes from 0 to 1)")
    print(f"On its own answers: {describe(numbers)}")
    print(
        f"\nEach window repeats {seen} of the {LOOK_BACK} values of the one before, and starts from"
        " the state after\nthem: the state has seen them already. The demo cosine-right hands it to"
        " windows that\nfollow each other."
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
