"""The figure of a demo, saved however its training ends."""

from contextlib import contextmanager

from tinylstm.plotting import StateRecorder, prediction, state_strip

from .cosine import KNOWN, wave


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


def beside_the_wave(answers, ax=None):
    """A forecast of the cosine against the truth."""
    truth = wave(KNOWN + len(answers))
    label = "cosine, scaled to 0..1"
    return prediction(truth, answers, first=KNOWN, start=KNOWN, label=label, ax=ax)


def strip(model, x, batch_size=1, ax=None):
    """The way of the state through some samples, from zeros."""
    with model.scratch_state(zero=True), StateRecorder(model) as recorder:
        model.predict(x, batch_size=batch_size)
    return state_strip(recorder, ax=ax)


def stacked(models, draw, height):
    """Several models, {title: model}, one below the other; ``draw(title, model, ax)`` draws one."""
    from matplotlib.figure import Figure

    whole = Figure(figsize=(10, height * len(models)), layout="constrained")
    for ax, (title, model) in zip(whole.subplots(len(models)), models.items(), strict=True):
        draw(title, model, ax)
    return whole


def strips(models, x, batch_size):
    """The way of the state through some samples in several models, all in the same colours."""
    boxes = []

    def draw(title, model, ax):
        strip(model, x, batch_size, ax)
        ax.set_title(f"{title}\n{ax.get_title()}", fontsize="medium")
        boxes.append(ax.collections[0])

    whole = stacked(models, draw, 5)
    largest = max(drawn.get_clim()[1] for drawn in boxes)
    for drawn in boxes:
        drawn.set_clim(0, largest)
    return whole
