"""E9, the cosine with two stateful layers and dropout.

    python -m tinylstm demo cosine-stacked

trains 76,000 updates in some six seconds; most forecasts leave the wave within its first wave.
"""

from tinylstm import LSTM, Dense, Dropout, Sequential

from .cosine import describe, forecast, measure, one_step_error
from .cosine_stateful import FIT, LOOK_BACK, data, train
from .figures import beside_the_wave, figure
from .pages import Page

EPOCHS = 100
TITLE = "cosine-stacked: two stateful layers with dropout"


def build(gates="sigmoid"):
    """Two layers of 32 units; both carry their state from window to window."""
    options = {"stateful": True, "recurrent_activation": gates}
    model = Sequential()
    model.add(LSTM(32, batch_input_shape=(1, LOOK_BACK, 1), return_sequences=True, **options))
    model.add(Dropout(0.3))
    model.add(LSTM(32, **options))
    model.add(Dropout(0.3))
    model.add(Dense(1))
    model.compile(loss="mse", optimizer="adam")
    return model


def show(model, x, y, history):
    """The error one step ahead, without dropout and with it, and that of the forecast."""
    error = one_step_error(model, x, y)
    numbers = measure(forecast(model, LOOK_BACK))
    noisy = history.history["loss"][-1] ** 0.5
    print(f"One step ahead, from true values: RMSE {error:.3f} (the wave goes from 0 to 1)")
    print(f"The same in the last epoch of training, with dropout: RMSE {noisy:.3f}")
    print(f"On its own answers: {describe(numbers)}")
    print(
        f"\nTwo layers and {model.optimizer.iterations:,} updates, on windows that overlap as in"
        " the demo\ncosine-stateful. The demo cosine-right has one layer, no dropout, and windows"
        "\nthat follow each other."
    )
    return numbers


def main(epochs=EPOCHS, gates="sigmoid", plot=None, verbose=1):
    """Data, model, train, show."""
    x, y = data()
    model = build(gates)
    with figure(plot, model, lambda: beside_the_wave(forecast(model, LOOK_BACK), TITLE)):
        history = train(model, x, y, epochs, verbose)
    return show(model, x, y, history)


PAGE = Page(build, data, EPOCHS, FIT)
