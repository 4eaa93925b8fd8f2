"""E1, one letter to one letter: what a map from one number to 26 letters can do.

    python -m tinylstm demo letter

trains 12,500 updates in well under a second and gets 80 to 88 % of the letters right.
"""

import numpy as np

from tinylstm import LSTM, Dense, Sequential, to_categorical

from .figures import answers_map, figure
from .letters import LETTERS, print_answers, spelled
from .pages import of_letters

EPOCHS, FIT = 500, {"batch_size": 1}


def data():
    """A ... Y as one step of one feature, number / 26, and the letter after each."""
    x = np.arange(25).reshape(25, 1, 1) / len(LETTERS)
    y = to_categorical(np.arange(1, 26))
    return x, y


def build(gates="sigmoid"):
    """32 units; each letter starts from a zero state."""
    model = Sequential()
    model.add(LSTM(32, input_shape=(1, 1), recurrent_activation=gates))
    model.add(Dense(26, activation="softmax"))
    model.compile(loss="categorical_crossentropy", optimizer="adam", metrics=["accuracy"])
    return model


def train(model, x, y, epochs, verbose=1):
    """One letter a batch, in random order."""
    return model.fit(x, y, epochs=epochs, verbose=verbose, **FIT)


def show(model, x, y, untrained):
    """Accuracy, every answer, and what the training did to the recurrent weights."""
    _, accuracy = model.evaluate(x, y, batch_size=1)
    probabilities = model.predict(x, batch_size=1)
    print(f"Model Accuracy: {accuracy:.2%}")
    print_answers(LETTERS[:25], spelled(probabilities), spelled(y))
    sure = (probabilities * y).sum(axis=1).mean()
    change = np.abs(model.get_weights()[1] - untrained[1]).max()
    print(
        f"\nThe right letter gets {sure:.0%} on average. Every letter starts from a zero state, so"
        f"\nthis is a map from one number to 26 letters and no sequence: the largest change of a"
        f"\nrecurrent weight in training is {change:.1g}."
    )
    return {"accuracy (%)": 100 * accuracy}


def draw(model, x, y):
    """What the model answers to each letter."""
    title = "letter: one letter in, the next one out, a map without any state"
    return answers_map(LETTERS[:25], model.predict(x, batch_size=1), spelled(y), title)


def main(epochs=EPOCHS, gates="sigmoid", plot=None, verbose=1):
    """Data, model, train, show."""
    x, y = data()
    model = build(gates)
    untrained = model.get_weights()
    with figure(plot, model, lambda: draw(model, x, y)):
        train(model, x, y, epochs, verbose)
    return show(model, x, y, untrained)


PAGE = of_letters(build, data, EPOCHS, FIT)
