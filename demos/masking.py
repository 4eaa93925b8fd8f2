"""Padding that is no letter: E6 with a Masking layer in front.

    python -m tinylstm demo masking

trains 500,000 updates in some five seconds; where the padding is changes no bit of an answer.
"""

import numpy as np

from tinylstm import LSTM, Dense, Masking, Sequential, pad_sequences
from tinylstm.plotting import gates as gate_maps

from . import one_batch, variable_length
from .figures import figure, titled
from .letters import scaled, share, spelled
from .pages import of_letters
from .variable_length import EPOCHS, FIT, STEPS, texts, train

NO_LETTER = -1.0  # letters are 0 (A) to 25 / 26


def padded(pieces, side="pre", steps=STEPS, value=NO_LETTER):
    """Pieces as so many steps of one feature."""
    codes = [scaled(piece).reshape(-1, 1) for piece in pieces]
    return pad_sequences(codes, maxlen=steps, dtype="float32", padding=side, value=value)


def data():
    """E6's pieces, padded with no letter, and the letter after each."""
    return padded(texts()), variable_length.data()[1]


def build(gates="sigmoid"):
    """E6's model behind a layer that masks the padding; any number of steps."""
    model = Sequential()
    model.add(Masking(NO_LETTER, input_shape=(None, 1)))
    model.add(LSTM(32, recurrent_activation=gates))
    model.add(Dense(26, activation="softmax"))
    model.compile(loss="categorical_crossentropy", optimizer="adam", metrics=["accuracy"])
    return model


def gradient(model, x):
    """Gradient of the probability of Z with respect to each step."""
    y = model.forward(x)
    return model.backward(np.eye(26)[-1:].repeat(len(y), axis=0)).x[..., 0]


def show_padding(model, pieces):
    """Answers and gradients with padding in three places, against each piece alone without any."""
    alone = [padded([piece], steps=len(piece)) for piece in pieces]
    bare = np.concatenate([model.predict(x) for x in alone])
    slopes = np.concatenate([gradient(model, x)[0] for x in alone])
    between = np.insert(padded(pieces), range(1, STEPS + 1), NO_LETTER, axis=1)
    places = {"in front": padded(pieces), "behind": padded(pieces, "post"), "between": between}
    print(f"\nThe {len(pieces)} pieces with padding, against each one alone without any:")
    print(f"padding{'same bits':>23}{'gradient at letters':>26}{'at the padding':>20}")
    numbers = {}
    for place, x in places.items():
        dx, letters = gradient(model, x), x[..., 0] != NO_LETTER
        same = numbers[f"same bits, padding {place}"] = one_batch.same(model.predict(x), bare)
        error = np.abs(dx[letters] - slopes).max() / np.abs(slopes).max()
        print(f"{place:12}{same:>18}{f'within {error:.0e}':>26}{np.abs(dx[~letters]).max():>20g}")
    return numbers


def show(model, x, y):
    """Accuracy, how many inputs there are, what padding does, and a sample of nothing else."""
    answers, right, pieces = spelled(model.predict(x)), spelled(y), sorted(set(texts()))
    print(f"Model Accuracy: {share(answers, right):.2f}%")
    inputs = [len(np.unique(padded(pieces, value=value), axis=0)) for value in (0, NO_LETTER)]
    print(
        f"{len(pieces)} different pieces are {inputs[0]} different inputs when padded with 0, which"
        f" is also A, and {inputs[1]} with {NO_LETTER:g}."
    )
    numbers = show_padding(model, pieces)
    nothing = model.predict(np.full((1, STEPS, 1), NO_LETTER))
    print(
        "\nA masked step holds h and c and lets the gradient through, so padding may stand"
        "\nanywhere, and a sample may be all padding: it is answered from a zero state, here with"
        f"\n{spelled(nothing)} ({nothing.max():.0%})."
    )
    return {"accuracy (%)": share(answers, right)} | numbers


def draw(model):
    """The gates at padding and letters: at a masked step the state stays."""
    x = np.full((1, STEPS, 1), NO_LETTER)
    x[0, [1, 3], 0] = scaled("XY")
    maps = gate_maps(model.trace(x), labels=["pad", "X", "pad", "Y", "pad"])
    return titled(maps, "masking: at masked steps, grey, the states stay as they were")


def main(epochs=EPOCHS, gates="sigmoid", plot=None, verbose=1):
    """Data, model, train, show."""
    x, y = data()
    model = build(gates)
    with figure(plot, model, lambda: draw(model)):
        train(model, x, y, epochs, verbose)
    return show(model, x, y)


PAGE = of_letters(build, data, EPOCHS, FIT)
