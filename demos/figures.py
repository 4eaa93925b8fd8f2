"""The figure of a demo, saved however its training ends."""

from contextlib import contextmanager
from textwrap import fill

from tinylstm.plotting import StateRecorder, prediction, state_strip

from .cosine import KNOWN, wave
from .letters import LETTERS

LETTERS_AN_INCH = 10  # of a title


@contextmanager
def figure(path, model, draw):
    """Save what ``draw()`` gives to the path, if there is one, also after a Ctrl-C inside.

    Not where the model has not finished its first epoch: then there is nothing to draw.
    """
    try:
        yield
    finally:
        if path is not None and model.history is not None and model.history.epoch:
            draw().savefig(path)
            print(f"Figure: {path}")


def beside_the_wave(answers, title, ax=None):
    """A forecast of the cosine against the truth."""
    truth = wave(KNOWN + len(answers))
    label = "cosine, scaled to 0..1"
    whole = prediction(truth, answers, first=KNOWN, start=KNOWN, label=label, ax=ax)
    (ax or whole.axes[0]).set_title(title, fontsize="medium", pad=24)
    return whole


def recorded(model, x, batch_size=1):
    """The way of the state through some samples, from zeros, batches in order."""
    with model.scratch_state(zero=True), StateRecorder(model) as recorder:
        model.predict(x, batch_size=batch_size)
    return recorder


def strip(model, x, labels, title):
    """The way of the state through some samples, one a batch, from zeros."""
    return titled(state_strip(recorded(model, x), labels=labels), title)


def stacked(models, draw, size):
    """Several models, {title: model}, one below the other; ``draw(title, model, ax)`` draws one.

    size: width, and height of each, in inches.
    """
    from matplotlib.figure import Figure

    width, height = size
    whole = Figure(figsize=(width, height * len(models)), layout="constrained")
    for ax, (title, model) in zip(whole.subplots(len(models)), models.items(), strict=True):
        draw(title, model, ax)
    return whole


def strips(models, x, batch_size, labels):
    """The way of the state through some samples in several models, all in the same colours."""
    found = {title: recorded(model, x, batch_size) for title, model in models.items()}
    largest = max(recorder.largest for recorder in found.values())

    def draw(title, recorder, ax):
        state_strip(recorder, labels=labels, largest=largest, ax=ax)
        ax.set_title(f"{title}\n{ax.get_title()}", fontsize="medium")

    return stacked(found, draw, (6, 5))


def titled(whole, title):
    """A figure with a title, in as many lines as it needs."""
    whole.suptitle(fill(title, int(LETTERS_AN_INCH * whole.get_figwidth())))
    return whole


def answers_map(inputs, probabilities, right, title):
    """The map from inputs to letters: the probability of each answer, a ring at the right one."""
    from matplotlib.figure import Figure

    whole = Figure(figsize=(7.5, 7), layout="constrained")
    panel = whole.subplots()
    image = panel.imshow(probabilities, cmap="YlGnBu", vmin=0, vmax=1, aspect="auto")
    rings = {"edgecolors": "#D55E00", "facecolors": "none", "label": "the right answer"}
    panel.scatter([LETTERS.index(letter) for letter in right], range(len(right)), **rings)
    panel.set_xticks(range(len(LETTERS)), LETTERS)
    panel.set_yticks(range(len(inputs)), inputs)
    panel.set(xlabel="answer", ylabel="input")
    panel.legend(loc="lower left", bbox_to_anchor=(0, 1), frameon=False)
    whole.colorbar(image, label="probability")
    return titled(whole, title)
