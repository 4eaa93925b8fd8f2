"""The numbers of an optimiser: attributes that are read and written where its kernels read them."""

from __future__ import annotations

from collections.abc import Callable
from numbers import Real
from typing import Any, NoReturn

from ..surface.arguments import choice
from ..surface.errors import mismatch

LARGEST = 1e18  # hyper-parameter


def checked_rate(name: str, value: float) -> float:
    """A hyper-parameter as a float, so small that no step it makes is infinite in float32."""
    if not isinstance(value, Real) or not 0 <= value <= LARGEST:
        raise mismatch(f"{name} is a number, not negative.", f"0 to {LARGEST:g}", repr(value))
    return float(value)


def checked_share(name: str, value: float) -> float:
    """A hyper-parameter that says how much is kept in each step: from 0 on, and below 1."""
    if checked_rate(name, value) >= 1:
        raise mismatch(f"{name} is a share that is kept in each step.", "0 <= share < 1", value)
    return float(value)


def checked_choice(name: str, value: float) -> bool:
    """A hyper-parameter that is chosen or not."""
    return choice(value, name)


class HyperParameter:
    """A number that is read and written where the loop reads it: a new one works at once.

    An optimiser's kernels read it by its name, ``rule.share`` where the class has
    ``share = HyperParameter("...")``.

    Parameters
    ----------
    doc : str
    checked : function (name, value) -> number, default=checked_rate
        Or `checked_share`, `checked_choice`, or one of your own.
    """

    def __init__(self, doc: str, checked: Callable[[str, Any], float] = checked_rate) -> None:
        self.__doc__, self.checked = doc, checked

    def __set_name__(self, kind, name):
        self.name = name

    def __get__(self, optimizer: Any, kind: Any = None) -> float:
        value: Any = self if optimizer is None else optimizer.rule[self.name].item()
        return value

    def __set__(self, optimizer: Any, value: float) -> None:
        optimizer.rule[self.name] = self.checked(self.name, value)


class RunningNumber:
    """A number that the optimiser's kernel `advance` changes, once an update.

    Parameters
    ----------
    doc : str
    start : float, default=0
        Its value before the first update.
    """

    def __init__(self, doc: str, start: float = 0.0) -> None:
        self.__doc__, self.start = doc, float(start)

    def __set_name__(self, kind, name):
        self.name = name

    def __get__(self, optimizer: Any, kind: Any = None) -> float:
        value: Any = self if optimizer is None else optimizer.rule[self.name].item()
        return value

    def __set__(self, optimizer: Any, value: NoReturn) -> None:
        raise mismatch(
            f"{self.name} is changed by updates alone.",
            "compile(optimizer, loss), with which it begins anew",
            f"{self.name} = {value!r}",
            AttributeError,
        )
