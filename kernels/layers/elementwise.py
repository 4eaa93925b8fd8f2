"""Activations whose derivative needs what comes in: functions of vectors, each a layer's kernels.

::

    @activation(alpha=1.0)
    def elu(x, y, alpha): ...

    @elu.backward
    def elu_backward(x, y, dy, dx, alpha): ...

Both ask for what they need by name: x and y, all numbers of a batch in a row; on the way back dy,
and dx to be written; and the numbers that the activation is made with, in the dtype of x.

A layer keeps its input for the way back, so its derivative may be written with x, or y, or both.
A cell keeps of its gates what they put out, so it has those of ``kernels/activations.py`` alone,
whose derivatives are written with y.
"""

import inspect
import math
from collections.abc import Callable, Mapping
from functools import cached_property
from types import FunctionType
from typing import Any

import numpy as np

from ..activations import exp, expm1
from ..compiling import chosen, inner, kernel, view
from ..tables import MAX_OPTIONS

FORWARD, BACKWARD = ("x", "y"), ("x", "y", "dy", "dx")


class Elementwise:
    """An activation with a derivative of its own; made by `activation`.

    Attributes
    ----------
    numbers : dict
        {name: value} of what it is made with.
    function, derivative : function
        As they stand: they can be called with arrays.
    """

    def __init__(self, function: Callable[..., Any], numbers: Mapping[str, float]) -> None:
        self.function, self.derivative, self.numbers = function, None, dict(numbers)
        self.name, self.__doc__, self.__module__ = (
            function.__name__,
            function.__doc__,
            function.__module__,
        )
        if len(self.numbers) > MAX_OPTIONS:
            raise refused(
                f"The activation {self.name!r} has too many numbers.",
                f"at most {MAX_OPTIONS}",
                ", ".join(self.numbers),
            )
        self._check(function, FORWARD, "y")

    def __repr__(self) -> str:
        numbers = "".join(f", {name}={value}" for name, value in self.numbers.items())
        return f"<activation {self.name!r}{numbers}>"

    def __reduce__(self):
        """`pickle` and `copy` take it by its name, as they take a function."""
        return self.name

    def backward(self, derivative: Callable[..., Any]) -> Callable[..., Any]:
        """Take the function of the way back (decorator)."""
        self._check(derivative, BACKWARD, "dx")
        self.derivative = derivative
        return derivative

    def __call__(self, x: Any) -> Any:
        """The activation of an array, as plain Python; one of the same shape and dtype."""
        x = np.asarray(x)
        x = x if x.dtype == np.float32 else x.astype(np.float64)
        y, given = np.empty_like(x), {k: x.dtype.type(v) for k, v in self.numbers.items()}
        given |= {"x": x.reshape(-1), "y": y.reshape(-1)}
        self.function(**{name: given[name] for name in inspect.signature(self.function).parameters})
        return y

    def _check(self, function, vectors, written):
        """Refuse a function that asks for what there is not, or does not write its result."""
        if not isinstance(function, FunctionType):
            expected = "a plain function, without @inner, @kernel or @njit: it is compiled here"
            raise refused(f"The activation {self.name!r} is no function.", expected, function)
        asked = [*inspect.signature(function).parameters]
        known = [*vectors, *self.numbers]
        if {*asked} - {*known} or written not in asked:
            raise refused(
                f"{function.__name__}, of the activation {self.name!r}, cannot be called.",
                f"arguments among {', '.join(known)}, of which {written} must be there; numbers "
                "are declared, by @activation(name=value)",
                f"{function.__name__}({', '.join(asked)})",
            )

    @property
    def kernels(self) -> tuple[Any, Any]:
        """The pair of kernels of a layer that is this activation."""
        return self.forward_kernel, self.backward_kernel

    @cached_property
    def forward_kernel(self) -> Any:
        """The kernel that goes forward."""
        function, asked = inner(self.function, distinct=True), self._asked(self.function, FORWARD)

        @kernel(name=f"{self.name}.forward_kernel")
        def forward(layer, batch, flags, theta, work):
            """y = activation(x), all of them at once."""
            n = batch.rows * batch.chain * layer.steps * layer.units
            x, y = view(work, layer.x, (n,)), view(work, layer.y, (n,))
            c, option = x.dtype.type, layer.option
            numbers = c(option[0]), c(option[1]), c(option[2]), c(option[3])
            function(*asked((x, y, *numbers)))

        return forward

    @cached_property
    def backward_kernel(self) -> Any:
        """The kernel that goes back."""
        derivative = inner(self.derivative, distinct=True)
        asked = self._asked(self.derivative, BACKWARD)

        @kernel(name=f"{self.name}.backward_kernel")
        def backward(layer, batch, flags, theta, grad, work):
            """dx = dy * activation'(x)."""
            if not layer.need_dx:
                return
            n = batch.rows * batch.chain * layer.steps * layer.units
            x, y = view(work, layer.x, (n,)), view(work, layer.y, (n,))
            dy, dx = view(work, layer.dy, (n,)), view(work, layer.dx, (n,))
            c, option = x.dtype.type, layer.option
            numbers = c(option[0]), c(option[1]), c(option[2]), c(option[3])
            derivative(*asked((x, y, dy, dx, *numbers)))

        return backward

    def _asked(self, function, vectors):
        """Chooses what a function asks for from the vectors and, behind them, the numbers."""
        known = [*vectors, *self.numbers]
        return chosen(tuple(known.index(name) for name in inspect.signature(function).parameters))


def refused(sentence, expected, received):
    """The exception for what is no activation."""
    return TypeError(f"{sentence}\nExpected: {expected}\nReceived: {received}")


def activation(function: Callable[..., Any] | None = None, /, **numbers: float) -> Any:
    """Make an activation of a function of vectors (decorator).

    ``@NAME.backward`` then takes the function of its derivative; see ``docs/own_parts.md``.

    Parameters
    ----------
    **numbers : float
        Up to four numbers that it is made with, by name; both functions may ask for them.

    Returns
    -------
    Elementwise
        For ``Dense(activation=...)`` and `tinylstm.Activation`.

    Raises
    ------
    TypeError
        If a function asks for an argument that is none, or does not write its result.
    """
    if function is not None:
        return Elementwise(function, numbers)
    return lambda function: Elementwise(function, numbers)


@activation(alpha=1.0)
def elu(x, y, alpha):
    """y = x where x > 0, else alpha (e^x - 1).  Source: Clevert, Unterthiner, Hochreiter 2016."""
    for j in range(len(x)):
        y[j] = x[j] if x[j] > 0 else alpha * expm1(x[j])


@elu.backward
def elu_backward(x, dy, dx, alpha):
    """dx = dy where x > 0, else dy alpha e^x."""
    for j in range(len(x)):
        dx[j] = dy[j] if x[j] > 0 else dy[j] * alpha * exp(x[j])


@activation
def gelu(x, y):
    """y = x P(x), P the normal distribution: P(x) = erfc(-x / sqrt 2) / 2.

    Source: Hendrycks and Gimpel 2016; Keras, ``activations.gelu(x, approximate=False)``.
    """
    c = x.dtype.type
    for j in range(len(x)):
        y[j] = c(0.5) * x[j] * math.erfc(-x[j] * c(math.sqrt(0.5)))


@gelu.backward
def gelu_backward(x, dy, dx):
    """dx = dy (P(x) + x p(x)), with the density p(x) = e^(-x^2/2) / sqrt(2 pi)."""
    c = x.dtype.type
    for j in range(len(x)):
        below = c(0.5) * math.erfc(-x[j] * c(math.sqrt(0.5)))
        density = c(1 / math.sqrt(2 * math.pi)) * exp(c(-0.5) * x[j] * x[j])
        dx[j] = dy[j] * (below + x[j] * density)


@activation(slope=0.3)
def leaky_relu(x, y, slope):
    """y = x where x > 0, else slope x.  Source: Maas, Hannun and Ng 2013."""
    for j in range(len(x)):
        y[j] = x[j] if x[j] > 0 else slope * x[j]


@leaky_relu.backward
def leaky_relu_backward(x, dy, dx, slope):
    """dx = dy where x > 0, else slope dy."""
    for j in range(len(x)):
        dx[j] = dy[j] if x[j] > 0 else slope * dy[j]


of_elu, of_gelu, of_leaky_relu = elu.kernels, gelu.kernels, leaky_relu.kernels
