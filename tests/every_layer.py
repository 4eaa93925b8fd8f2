"""Models of every layer with every value of every setting, one at a time.

The values stand in `tests/surface/of_layers.py`, where a layer, an argument or a choice without a
row is a failure. What computes, writes or shows layers takes them from here, and so meets each new
one.
"""

import inspect

import numpy as np

from tinylstm import Bidirectional, Masking, Recurrent, Sequential

from .models import randomize
from .surface.of_layers import USES
from .surface.use import New, given, required

EVERY = {name: use for name, use in USES.items() if isinstance(use.documented, type)}
OF_ANY = {"name", "trainable", "input_shape", "batch_input_shape", "dtype"}
OF_WEIGHTS = "_initializer", "_regularizer", "_constraint"
N, MASKED = 4, -1.0


def settings_of(name, of_weights):
    """(what it is, arguments): those that a layer needs, and each value of each other one alone."""
    kind, values = EVERY[name].documented, EVERY[name].values
    first = {one: values[one][0] for one in required(kind)}
    yield name, first
    for setting in [one for one in values if one not in OF_ANY]:
        usual = inspect.signature(kind).parameters.get(setting)
        seen = [first.get(setting, usual and usual.default)]
        for k, value in enumerate(values[setting]):
            own = inspect.isfunction(value)  # in no file
            if value not in seen and not own and (of_weights or not setting.endswith(OF_WEIGHTS)):
                seen.append(value)
                shown = f"number {k}" if isinstance(value, New) else value
                yield f"{name}, {setting}: {shown}", first | {setting: value}


def models_of(name, rng, of_weights=False, behind=lambda: []):
    """(what it is, a built model with random weights) of each; what has a memory is masked.

    of_weights: with the settings too that change no pass; behind: makes the layers that follow.
    """
    kind, shape = EVERY[name].documented, EVERY[name].values["input_shape"][1]
    masks = issubclass(kind, Recurrent | Bidirectional)
    for words, arguments in settings_of(name, of_weights):
        layer = kind(**{one: given(value) for one, value in arguments.items()})
        model = Sequential([*[Masking(MASKED)] * masks, layer, *behind()])
        model.build((None, *shape))
        yield words, randomize(model, rng)


def samples_for(model, rng, count=N):
    """Samples that a model reads, at least three steps long where it masks some of them."""
    first, shape = model.layers[0], (count, *model.batch_input_shape[1:])
    if first.reads_numbers:
        return rng.integers(0, first.input_dim, size=shape)
    x = rng.normal(size=shape).astype(model.dtype)
    if isinstance(first, Masking):
        for n, t in ((0, 0), (1, 2), (2, 0), (2, 1), (3, -1)):
            x[n, t] = first.mask_value
    return x


def states_of(session, rows=N):
    """{input of a graph: zeros} of all but the first."""
    return {one.name: np.zeros((rows, one.shape[1]), "f4") for one in session.get_inputs()[1:]}
