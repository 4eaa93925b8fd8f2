"""Backward passes in plain NumPy, held to differences: functions of arrays, of no model."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from ..surface.arguments import as_list, choice, known
from ..surface.errors import mismatch
from .differences import LIMIT, STEPS, Differences, GradientReport


def gradcheck(
    forward: Callable[..., Any],
    backward: Callable[..., Any],
    inputs: Sequence[ArrayLike] | Mapping[str, ArrayLike],
    *,
    quick: bool = False,
    limit: float = LIMIT,
    raises: bool = True,
) -> GradientReport:
    """Compare a backward pass of your own with central differences, in float64.

    The number whose slopes are measured is a random mixture of all outputs,
    L = sum_k sum(dy_k * y_k), with normal random numbers dy_k of the shape of output k. Those are
    what the backward pass is given, so it is to return the gradient of L for each input::

        forward(*inputs)             y, or a tuple (y_1, y_2 ...): arrays
        backward(*inputs, *dy)       a gradient of each input, in their order, each of its shape

    Parameters
    ----------
    forward : callable
        The same inputs must give the same outputs, and stay as they are.
    backward : callable
        For one input it may return the array alone; for named ones a dict of their names. None in
        the place of a gradient, or no such name: that input is not checked.
    inputs : list of arrays, or dict {name: array}
        Of float64 copies are made; whole numbers and booleans are passed on and not checked.
        Without names they are called as the arguments of forward.
    quick : bool, default=False
        Ask for the slope in two random directions of each input, all elements at once by 1 or -1,
        instead of changing each element; in a wrong one an element is found by halves.
    limit : float, default=1e-7
        Normwise error that counts as right.
    raises : bool, default=True
        False: only return the report.

    Returns
    -------
    GradientReport
        A `Difference` for each input; ``report.ok``.

    Raises
    ------
    AssertionError
        With the report, if a gradient is wrong.
    ValueError
        If the functions do not fit together, or forward changes its inputs or draws random numbers.

    Examples
    --------
    >>> print(gradcheck(np.tanh, lambda x, dy: dy * (1 - np.tanh(x) ** 2), [np.ones((2, 3))]))
    """
    for name, function in (("forward", forward), ("backward", backward)):
        if not callable(function):
            expected = f"{name}, a function of arrays"
            raise mismatch("gradcheck calls two functions.", expected, repr(function), TypeError)
    checked = FunctionCheck(forward, backward, named(forward, inputs))
    report = checked.report(np.random.default_rng(0) if choice(quick, "quick") else None, limit)
    if choice(raises, "raises") and not report.ok:
        raise AssertionError(f"\n{report}")
    return report


def named(forward, inputs):
    """{name: copy of an array}, floats in float64."""
    if not isinstance(inputs, dict):
        arrays = as_list(inputs, "inputs", "a list of arrays, one for each argument of forward")
        inputs = dict(zip(names_of(forward, len(arrays)), arrays, strict=True))
    copies = {name: np.array(a) for name, a in inputs.items()}
    for name, a in copies.items():
        if a.dtype.kind not in "fiub":
            raise mismatch(f"Input {name} is no array of real numbers.", "numbers", repr(a))
    return {k: a.astype(np.float64) if a.dtype.kind == "f" else a for k, a in copies.items()}


def names_of(forward, count):
    """What so many arguments of a function are called."""
    try:
        parameters = inspect.signature(forward).parameters.values()
    except (TypeError, ValueError):
        parameters = ()
    names = [
        one.name
        for one in parameters
        if one.kind in (one.POSITIONAL_ONLY, one.POSITIONAL_OR_KEYWORD)
    ]
    return names[:count] if len(names) >= count else [f"input {k}" for k in range(count)]


def as_tuple(found):
    """What a function returned, as a tuple."""
    return tuple(found) if isinstance(found, tuple | list) else (found,)


class FunctionCheck(Differences):
    """The mixture of a function's outputs, and the gradients that its backward pass gives."""

    def __init__(self, forward, backward, inputs):
        self.forward, self.backward, self.inputs = forward, backward, inputs
        before = [a.copy() for a in inputs.values()]
        first = self.outputs()
        changed = [
            name
            for (name, a), b in zip(inputs.items(), before, strict=True)
            if not np.array_equal(a, b, equal_nan=a.dtype.kind == "f")
        ]
        if changed:
            expected = "functions that leave their inputs as they are, as z = x.copy() does"
            raise mismatch("forward changes its inputs.", expected, f"another {changed[0]}")
        rng = np.random.default_rng(1)
        self.dy = [rng.normal(size=y.shape) for y in first]
        for a, b in zip(first, self.outputs(), strict=True):
            if not np.array_equal(a, b, equal_nan=True):
                expected = "the same outputs for the same inputs: masks and noise held still"
                raise mismatch("forward is another function in each call.", expected, "other ones")

    def outputs(self):
        """Copies of what forward returns, in float64."""
        return [np.array(y, np.float64) for y in as_tuple(self.forward(*self.inputs.values()))]

    def loss(self):
        return sum(float(np.sum(dy * y)) for dy, y in zip(self.dy, self.outputs(), strict=True))

    def gradients(self):
        """{name: the gradient that backward gives}, without those that are not checked."""
        copies = [a.copy() for a in self.inputs.values()]
        found = self.in_order(self.backward(*copies, *[dy.copy() for dy in self.dy]))
        if len(found) != len(self.inputs):
            expected = f"{len(self.inputs)}: one for each of {', '.join(self.inputs)}"
            raise mismatch("backward returns another number of gradients.", expected, len(found))
        gradients = {}
        for (name, a), gradient in zip(self.inputs.items(), found, strict=True):
            if gradient is None or a.dtype.kind != "f" or a.size == 0:
                continue
            gradients[name] = np.asarray(gradient, np.float64)
            if gradients[name].shape != a.shape:
                sentence = f"The gradient of {name} has another shape than {name}."
                raise mismatch(sentence, a.shape, gradients[name].shape)
        return gradients

    def in_order(self, found):
        """What backward returned, as a tuple in the order of the inputs."""
        if not isinstance(found, dict):
            return as_tuple(found)
        for name in found:
            known(self.inputs, name, "input, of which backward returns a gradient")
        return tuple(found.get(name) for name in self.inputs)

    def report(self, rng, limit):
        """The report, element by element or in the random directions of a generator."""
        size = max(abs(self.loss()), *(float(np.abs(y).max(initial=0)) for y in self.outputs()))
        rounding = 4 * np.finfo(np.float64).eps * size / STEPS[0]
        found = [
            self.difference(name, gradient, self.inputs[name], rounding, rng)
            for name, gradient in self.gradients().items()
        ]
        if not found:
            sentence = "backward gives no gradient that could be checked."
            raise mismatch(sentence, "one of an input of real numbers", "None of each")
        return GradientReport(found, limit=limit)
