"""Three state modes side by side: the same letters, weights and batches, and what each mode sees.

    python -m tinylstm demo modes

trains seven small models in about a second: E4's letters without any state, then the letters of
MISSISSIPPI, where only what came before says which letter is next.
"""

import numpy as np

from tinylstm import LSTM, Dense, Sequential, to_categorical

from . import one_batch
from .figures import figure, strips, titled
from .letters import LETTERS, conclude, scaled, share, spelled
from .pages import of_letters

EPOCHS, FIT = 3000, {"batch_size": 1, "shuffle": False, "reset_states": "epoch"}
MODES = ("stateless", "batch_carried", "stateful")
TEXT = "MISSISSIPPI"
TITLE = "modes: where each letter starts from, batches of three"
BATCHES = {"one letter a batch": 1, "all in one batch": len(TEXT) - 1}


def data():
    """The letters of the text but the last, and the letter after each."""
    x = scaled(TEXT[:-1]).reshape(-1, 1, 1)
    y = to_categorical([LETTERS.index(letter) for letter in TEXT[1:]], len(LETTERS))
    return x, y


def build(mode, gates="sigmoid"):
    """E4's 16 units in a state mode."""
    model = Sequential()
    model.add(LSTM(16, input_shape=(1, 1), state_mode=mode, recurrent_activation=gates))
    model.add(Dense(len(LETTERS), activation="softmax"))
    model.compile(loss="categorical_crossentropy", optimizer="adam", metrics=["accuracy"])
    return model


def train(model, x, y, batch_size, epochs, verbose=1):
    """Letters in order; the state is reset after each pass."""
    return model.fit(x, y, epochs=epochs, verbose=verbose, **FIT | {"batch_size": batch_size})


def answers(model, x, batch_size):
    """Probabilities of the next letters, from a zero state."""
    model.reset_states()
    return model.predict(x, batch_size=batch_size)


def show_one_batch(weights, x, y, gates):
    """E4's weights in each mode: one batch against letter by letter and a shuffled batch."""
    order, numbers = np.random.default_rng(7).permutation(len(x)), {}
    print("E4's 25 letters and trained weights: predictions with the same bits as in one batch")
    print(f"{'':15}{'one by one':>12}{'shuffled':>12}{'right in one batch':>21}")
    for mode in MODES:
        model = build(mode, gates)
        model.set_weights(weights)
        together, alone = answers(model, x, len(x)), answers(model, x, 1)
        shuffled, right = answers(model, x[order], len(x)), share(spelled(together), spelled(y))
        same = one_batch.same(alone, together), one_batch.same(shuffled, together[order])
        print(f"{mode:15}{same[0]:>12}{same[1]:>12}{right:>19.0f} %")
        numbers |= {f"{mode}: same one by one": same[0], f"{mode}: same shuffled": same[1]}
    return numbers


def show_text(models, x):
    """What each mode answers in each kind of batch, and how many outputs equal letters get."""
    letters, right, numbers = np.array([*TEXT[:-1]]), TEXT[1:], {}
    print(f"\n{TEXT}: a model for each mode and kind of batch, all from the same first weights")
    print(f"  {'':34} letters        {TEXT[:-1]}   different outputs,")
    print(f"  {'':34} right answers  {right}   26 probabilities each")
    for (mode, batches), model in models.items():
        found = answers(model, x, BATCHES[batches])
        apart = ", ".join(f"{len(np.unique(found[letters == a], axis=0))} to {a}" for a in "ISP")
        accuracy = numbers[f"{mode}, {batches}: accuracy (%)"] = share(spelled(found), right)
        print(f"  {batches:19} {mode:14} {accuracy:3.0f} % right:   {spelled(found)}   {apart}")
    return numbers


def main(epochs=EPOCHS, gates="sigmoid", plot=None, verbose=1):
    """Data, models, train, show."""
    letters, after = one_batch.data()
    plain = one_batch.build(gates)
    one_batch.train(plain, letters, after, 5 * epochs // 3, verbose)  # 5,000, as in E4
    x, y = data()
    models = {(mode, batches): build(mode, gates) for batches in BATCHES for mode in MODES}
    weights = build(MODES[0], gates).get_weights()
    shown = {mode: models[mode, "all in one batch"] for mode in MODES}
    with figure(plot, plain, lambda: titled(strips(shown, x[:6], 3, TEXT), TITLE)):
        for (_, batches), model in models.items():
            model.set_weights(weights)
            train(model, x, y, BATCHES[batches], epochs, verbose)
    numbers = show_one_batch(plain.get_weights(), letters, after, gates) | show_text(models, x)
    conclude(
        max(value for key, value in numbers.items() if key.endswith("accuracy (%)")) == 100,
        "\nStateless, each letter starts from zeros: all that E4 can learn is a map. Only a state"
        "\ntells equal letters apart, from the sample before or the same row of the batch before.",
    )
    return numbers


PAGE = of_letters(lambda: build("stateful"), data, EPOCHS, FIT)
