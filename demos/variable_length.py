"""E6, one to five letters, filled up with zeros on the left: the letter after the last one.

    python -m tinylstm demo variable-length

trains 500,000 updates in some four seconds and gets 95 to 100 % of the sequences right.
"""

import numpy as np

from tinylstm import LSTM, Dense, Sequential, pad_sequences, to_categorical
from tinylstm.plotting import influence

from .figures import figure, titled
from .letters import LETTERS, print_answers, scaled, share, spelled
from .pages import of_letters

STEPS = 5
EPOCHS, FIT = 500, {"batch_size": 1}


def texts():
    """The tutorial's 1,000 pieces of the alphabet, of one to five letters, by its own seed."""
    draw = np.random.RandomState(7).randint
    pieces = []
    for _ in range(1000):
        first = draw(24)
        last = draw(first, min(first + STEPS, 25))
        pieces.append(LETTERS[first : last + 1])
    return pieces


def following(pieces):
    """The letter after each piece."""
    return "".join(LETTERS[LETTERS.index(piece[-1]) + 1] for piece in pieces)


def data():
    """The pieces as five steps of one feature, and the letter after each."""
    pieces = texts()
    x = pad_sequences([scaled(piece) for piece in pieces], maxlen=STEPS, dtype="float32")
    y = to_categorical([LETTERS.index(letter) for letter in following(pieces)])
    return x.reshape(len(x), STEPS, 1), y


def build(gates="sigmoid"):
    """32 units over five steps."""
    model = Sequential()
    model.add(LSTM(32, input_shape=(STEPS, 1), recurrent_activation=gates))
    model.add(Dense(26, activation="softmax"))
    model.compile(loss="categorical_crossentropy", optimizer="adam", metrics=["accuracy"])
    return model


def train(model, x, y, epochs, verbose=1):
    """One piece a batch, in random order."""
    return model.fit(x, y, epochs=epochs, verbose=verbose, **FIT)


def show(model, x, y):
    """Accuracy, every wrong piece, and which pieces the padding makes the same."""
    pieces, answers, right = texts(), spelled(model.predict(x, batch_size=1)), spelled(y)
    print(f"Model Accuracy: {share(answers, right):.2f}%")
    wrong = sorted(
        {item for item in zip(pieces, answers, right, strict=True) if item[1] != item[2]}
    )
    print("20 of the pieces:")
    print_answers(pieces[:20], answers[:20], right[:20])
    if wrong:
        print(f"All that are wrong, {len(wrong)} of {len(set(pieces))} different ones:")
        print_answers(*zip(*wrong, strict=True))
    distinct = len(np.unique(x, axis=0))
    print(
        f"\n{len(set(pieces))} different pieces are {distinct} different inputs: the padding and"
        " the letter A are both 0,\nso AB is read as B. Here that does no harm, since only the last"
        " letter counts; the\ndemo masking shows padding that is no letter."
    )
    return {"accuracy (%)": share(answers, right)}


def draw(model):
    """How much each step moves the answers: the zeros in front of a piece are inputs too."""
    x = pad_sequences([scaled("XY")], maxlen=STEPS, dtype="float32").reshape(1, STEPS, 1)
    title = "variable-length: the zeros in front of XY move the answer too"
    return titled(influence(model, x, labels="000XY"), title)


def main(epochs=EPOCHS, gates="sigmoid", plot=None, verbose=1):
    """Data, model, train, show."""
    x, y = data()
    model = build(gates)
    with figure(plot, model, lambda: draw(model)):
        train(model, x, y, epochs, verbose)
    return show(model, x, y)


PAGE = of_letters(build, data, EPOCHS, FIT)
