"""``keras.backend``, as far as scripts call it around a model."""

import numpy as np

from .. import floatx, set_floatx
from . import notes, variables
from .names import forget_names
from .optimizers import Rate

_epsilon = 1e-7


def epsilon():
    """The smallest number that optimisers and losses tell from zero."""
    return _epsilon


def get_value(x):
    """The value of a variable: here an array, a number or a learning rate."""
    return x.get_value() if isinstance(x, Rate) else x


def set_value(x, value):
    """Write to a variable: a learning rate, or an array of weights."""
    if isinstance(x, Rate):
        x.set_value(value)
    else:
        x[...] = value


def nothing(*args, **kwargs):
    """What sets up a device or a session: there are none here."""


class Settings:
    """Sessions, graphs and their options: they are accepted, and nothing depends on them."""

    def __init__(self, *args, **kwargs):
        pass

    def __setattr__(self, name, value):
        """Accepted."""

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        return Settings()

    def __call__(self, *args, **kwargs):
        return Settings()


TABLE = {
    "floatx": floatx,
    "set_floatx": set_floatx,
    "cast_to_floatx": lambda x: np.asarray(x, floatx()),
    "epsilon": epsilon,
    "get_value": get_value,
    "set_value": set_value,
    "eval": get_value,
    "clear_session": forget_names,
    "set_learning_phase": notes.set_learning_phase,
    "learning_phase": notes.learning_phase,
    "backend": lambda: "tensorflow",
    "image_dim_ordering": lambda: "tf",
    "image_data_format": lambda: "channels_last",
    **dict.fromkeys(
        ["set_session", "set_image_dim_ordering", "set_image_data_format"],
        nothing,
    ),
    "get_session": Settings,
    **variables.TABLE,
}
