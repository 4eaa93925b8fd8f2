"""A warm start: the letters before K belong to the question, in a state or in the sample itself.

    python -m tinylstm demo warm-up

trains a stateful model on single letters and a stateless one on everything before each letter,
padded to 25 steps, in about a second; cold, both fail at K, and warmed up, both know L.
"""

from tinylstm import LSTM, Dense, Sequential, pad_sequences
from tinylstm.plotting import memory

from . import stateful
from .figures import figure, titled
from .letters import LETTERS, conclude, letters_of, scaled, share, spelled
from .pages import of_letters

EPOCHS, FIT = 500, {"batch_size": 1}
STEPS, K = 25, LETTERS.index("K")
TITLE = "warm-up: what each unit keeps of A to J, when K is read in one sample"


def padded(texts):
    """Texts as 25 steps of one feature, with -1 in front, which is no letter (0 is A)."""
    x = pad_sequences([scaled(text) for text in texts], maxlen=STEPS, dtype="float32", value=-1)
    return x.reshape(len(texts), STEPS, 1)


def data():
    """Single letters, everything up to each letter as one sample, and the letter after each."""
    x, y = stateful.data()
    return x, padded([LETTERS[: k + 1] for k in range(25)]), y


def build(gates="sigmoid"):
    """50 units over 25 steps; each sample starts from a zero state."""
    model = Sequential()
    model.add(LSTM(50, input_shape=(STEPS, 1), recurrent_activation=gates))
    model.add(Dense(len(LETTERS), activation="softmax"))
    model.compile(optimizer="adam", loss="categorical_crossentropy", metrics=["accuracy"])
    return model


def train(model, x, y, epochs, verbose=1):
    """One sample a batch, in random order."""
    return model.fit(x, y, epochs=epochs, verbose=verbose, **FIT)


def alone(model, x):
    """What a stateful model answers to each letter from a zero state."""
    answers = []
    for k in range(len(x)):
        model.reset_states()
        answers.append(model.predict(x[[k]], batch_size=1)[0])
    return spelled(answers)


def draw(stateless, prefixes):
    """How long each unit remembers, as it reads A ... K, and what is left of each letter."""
    sample = prefixes[[K]]
    return titled(memory(stateless.trace(sample), labels=letters_of(sample)[0]), TITLE)


def show(carried, stateless, x, prefixes, y):
    """Answers to each letter alone, and after the letters before it, of both models."""
    right = spelled(y)
    cold = {
        "stateful": alone(carried, x),
        "stateless": spelled(stateless.predict(padded(LETTERS[:25]), batch_size=1)),
    }
    carried.reset_states()
    warm = {
        "stateful": spelled(carried.predict(x, batch_size=1)),
        "stateless": spelled(stateless.predict(prefixes, batch_size=1)),
    }
    print(f"{'letters':30} {LETTERS[:25]}   right   K")
    for start, answers in (("each letter alone", cold), ("after all before it", warm)):
        for kind, text in answers.items():
            print(f"{kind:9}  {start:19} {text}  {share(text, right):4.0f} %   {text[K]}")
    agree = [f"{share(*answers.values()):.0f} %" for answers in (warm, cold)]
    print(f"\nThe two models agree on {agree[0]} of the warm answers, {agree[1]} of the cold ones.")
    known = [text[K] == "L" for answers in (warm, cold) for text in answers.values()]
    conclude(
        known == [True, True, False, False],
        "The state holds what would otherwise stand in the sample; neither knows K by itself.",
    )
    return {f"{kind}, warm: accuracy (%)": share(text, right) for kind, text in warm.items()} | {
        f"{kind}, cold: accuracy (%)": share(text, right) for kind, text in cold.items()
    }


def main(epochs=EPOCHS, gates="sigmoid", plot=None, verbose=1):
    """Data, models, train, show."""
    x, prefixes, y = data()
    carried, stateless = stateful.build(50, gates), build(gates)
    with figure(plot, stateless, lambda: draw(stateless, prefixes)):
        stateful.train(carried, x, y, epochs, verbose)
        train(stateless, prefixes, y, epochs, verbose)
    return show(carried, stateless, x, prefixes, y)


PAGE = of_letters(build, lambda: data()[1:], EPOCHS, FIT)
