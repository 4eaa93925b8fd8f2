"""What the report page of a demo is about: ``python -m tinylstm report NAME``."""

from collections.abc import Callable
from typing import NamedTuple

from .letters import LETTERS, letters_of


class Page(NamedTuple):
    """A demo's model and data, and how it is trained; each demo has one, ``PAGE``."""

    build: Callable  # gives a new model
    data: Callable  # gives x, y
    epochs: int
    fit: dict  # what its `fit` is called with, beside these
    labels: Callable = lambda x: None  # names of the steps of x
    classes: str | None = None


def of_letters(build, data, epochs, fit):
    """The page of a demo that reads letters, and answers with one."""
    return Page(build, data, epochs, fit, letters_of, LETTERS)
