"""E3, three letters as three time steps: the LSTM reads them one after the other.

    python -m tinylstm demo steps

trains 11,500 updates in well under a second and gets 96 to 100 % of the windows right.
"""

import numpy as np

from tinylstm import LSTM, Dense, Sequential, to_categorical
from tinylstm.plotting import gradients

from .features import WINDOWS
from .figures import figure, titled
from .letters import print_answers, scaled, spelled
from .pages import of_letters

EPOCHS, FIT = 500, {"batch_size": 1}


def data():
    """Windows of three letters as three steps of one feature, and the letter after each."""
    x = np.array([scaled(window) for window in WINDOWS]).reshape(23, 3, 1)
    y = to_categorical(np.arange(3, 26))
    return x, y


def build(gates="sigmoid"):
    """32 units over three steps."""
    model = Sequential()
    model.add(LSTM(32, input_shape=(3, 1), recurrent_activation=gates))
    model.add(Dense(26, activation="softmax"))
    model.compile(loss="categorical_crossentropy", optimizer="adam", metrics=["accuracy"])
    return model


def train(model, x, y, epochs, verbose=1):
    """One window a batch, in random order."""
    return model.fit(x, y, epochs=epochs, verbose=verbose, **FIT)


def show(model, x, y, untrained):
    """Accuracy, every answer, what changed inside, and whether the windows know of each other."""
    _, accuracy = model.evaluate(x, y, batch_size=1)
    probabilities = model.predict(x, batch_size=1)
    print(f"Model Accuracy: {accuracy:.2%}")
    print_answers(WINDOWS, spelled(probabilities), spelled(y))
    change = np.abs(model.get_weights()[1] - untrained[1]).max()
    backwards = model.predict(x[::-1], batch_size=1)[::-1]
    print(
        "\nNow the state goes from step to step inside a window, and recurrent weights are trained:"
        f"\nthey changed by up to {change:.2g}. It does not go from window to window: read from the"
        f"\nlast window to the first, {(backwards == probabilities).all(axis=1).sum()} of 23"
        " predictions are the same bit for bit."
    )
    return {"accuracy (%)": 100 * accuracy}


def draw(model, x, y):
    """How the right answer's probability goes back through a window, from letter to letter."""
    k = len(WINDOWS) // 2
    trace = model.trace(x[k : k + 1])
    model.backward(y[k : k + 1])
    title = f"steps: the gradient of the answer to {WINDOWS[k]}, back through its three steps"
    return titled(gradients(trace, labels=WINDOWS[k]), title)


def main(epochs=EPOCHS, gates="sigmoid", plot=None, verbose=1):
    """Data, model, train, show."""
    x, y = data()
    model = build(gates)
    untrained = model.get_weights()
    with figure(plot, model, lambda: draw(model, x, y)):
        train(model, x, y, epochs, verbose)
    return show(model, x, y, untrained)


PAGE = of_letters(build, data, EPOCHS, FIT)
