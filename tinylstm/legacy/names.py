"""The names that Keras gave to layers and models: numbered over the whole script."""

from collections import Counter

from ..surface.errors import snake_case
from .dialect import spoken

_names = Counter()  # layers made so far, by the beginning of their names


def forget_names():
    """Number the names of layers from the beginning."""
    _names.clear()


def next_name(kind):
    """The name that Keras gave to the next layer of a kind."""
    prefix = kind.lower() if spoken().number < (2,) else snake_case(kind)
    number = _names[prefix]
    _names[prefix] += 1
    if spoken().number >= (2, 4):
        return f"{prefix}_{number}" if number else prefix
    return f"{prefix}_{number + 1}"
