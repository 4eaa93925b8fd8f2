"""Initial values of parameters, as Keras draws them: functions of a shape and a generator."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, DTypeLike

from .data.gate import as_array, real_array
from .surface.arguments import find, finite_number, known
from .surface.callables import name_of, names_taken, need_arguments
from .surface.described import Described
from .surface.errors import is_of_keras, mismatch
from .surface.plain import know
from .surface.types import Array

STDDEV_WITHIN_2 = 0.87962566103423978  # of a standard normal number that is cut off at -2 and 2


def zeros(shape: tuple[int, ...], rng: np.random.Generator) -> Array:
    """All zeros."""
    return np.zeros(shape)


def ones(shape: tuple[int, ...], rng: np.random.Generator) -> Array:
    """All ones."""
    return np.ones(shape)


def glorot_uniform(shape: tuple[int, ...], rng: np.random.Generator) -> Array:
    """Uniform in +-sqrt(6 / (fan_in + fan_out)).  Source: Glorot and Bengio 2010, eq. 16."""
    limit = np.sqrt(6.0 / (shape[0] + shape[-1]))
    return rng.uniform(-limit, limit, shape)


def orthogonal(shape: tuple[int, ...], rng: np.random.Generator) -> Array:
    """Orthonormal rows or columns, whichever are fewer, over the whole matrix.

    Source: Saxe, McClelland and Ganguli 2014; Keras draws an LSTM's (H, 4H) as one matrix.
    """
    if len(shape) != 2:
        raise mismatch("orthogonal needs two axes.", "a parameter of two axes", f"shape {shape}")
    rows, columns = shape
    q, r = np.linalg.qr(rng.standard_normal((max(rows, columns), min(rows, columns))))
    q *= np.sign(np.diag(r))
    return q if rows >= columns else q.T


class Constant(Described):
    """Every element is one value."""

    def __init__(self, value: float = 0.0) -> None:
        self.value = finite_number(value, "value")

    def __call__(self, shape: tuple[int, ...], rng: np.random.Generator) -> Array:
        return np.full(shape, self.value)


class RandomNormal(Described):
    """Normal with a mean and a standard deviation."""

    def __init__(self, mean: float = 0.0, stddev: float = 0.05) -> None:
        self.mean, self.stddev = finite_number(mean, "mean"), finite_number(stddev, "stddev", 0)

    def __call__(self, shape: tuple[int, ...], rng: np.random.Generator) -> Array:
        return rng.normal(self.mean, self.stddev, shape)


class TruncatedNormal(Described):
    """Normal within two standard deviations of its mean, drawn again beyond: 0.88 stddev is left.

    Source: Keras, ``initializers/random_initializers.py``.
    """

    def __init__(self, mean: float = 0.0, stddev: float = 0.05) -> None:
        self.mean, self.stddev = finite_number(mean, "mean"), finite_number(stddev, "stddev", 0)

    def __call__(self, shape: tuple[int, ...], rng: np.random.Generator) -> Array:
        return self.mean + self.stddev * within_two(shape, rng)


class RandomUniform(Described):
    """Uniform between two bounds."""

    def __init__(self, minval: float = -0.05, maxval: float = 0.05) -> None:
        self.minval = finite_number(minval, "minval")
        self.maxval = finite_number(maxval, "maxval", self.minval)

    def __call__(self, shape: tuple[int, ...], rng: np.random.Generator) -> Array:
        return rng.uniform(self.minval, self.maxval, shape)


class VarianceScaling(Described):
    """Zero mean and variance scale / n, where n is fan_in, fan_out or their mean.

    Parameters
    ----------
    scale : float, default=1
    mode : {"fan_in", "fan_out", "fan_avg"}
    distribution : {"truncated_normal", "untruncated_normal", "uniform"}
        The truncated one is cut at two standard deviations, and widened to keep its variance.

    Source: Keras, ``initializers/random_initializers.py``; He et al. 2015; LeCun et al. 1998.
    """

    def __init__(
        self,
        scale: float = 1.0,
        mode: Literal["fan_in", "fan_out", "fan_avg"] = "fan_in",
        distribution: Literal[
            "truncated_normal", "untruncated_normal", "uniform"
        ] = "truncated_normal",
    ) -> None:
        self.scale = finite_number(scale, "scale", 0)
        self.mode = known(FANS, mode, "mode")
        self.distribution = known(DISTRIBUTIONS, distribution, "distribution")

    def __call__(self, shape: tuple[int, ...], rng: np.random.Generator) -> Array:
        fan = FANS[self.mode](shape[0], shape[-1])
        return DISTRIBUTIONS[self.distribution](np.sqrt(self.scale / fan), shape, rng)


def truncated_normal(stddev: float, shape: tuple[int, ...], rng: np.random.Generator) -> Array:
    """Normal, cut at two standard deviations; so much wider that stddev comes out."""
    return within_two(shape, rng) * (stddev / STDDEV_WITHIN_2)


def within_two(shape: tuple[int, ...], rng: np.random.Generator) -> Array:
    """Standard normal numbers, each drawn again until it is within -2 and 2."""
    values = rng.normal(size=shape)
    while (outside := np.abs(values) > 2).any():
        values[outside] = rng.normal(size=np.count_nonzero(outside))
    return values


FANS = {
    "fan_in": lambda fan_in, fan_out: fan_in,
    "fan_out": lambda fan_in, fan_out: fan_out,
    "fan_avg": lambda fan_in, fan_out: (fan_in + fan_out) / 2,
}
DISTRIBUTIONS = {
    "truncated_normal": truncated_normal,
    "untruncated_normal": lambda stddev, shape, rng: rng.normal(0, stddev, shape),
    "uniform": lambda stddev, shape, rng: rng.uniform(
        -np.sqrt(3) * stddev, np.sqrt(3) * stddev, shape
    ),
}
INITIALIZERS = {
    "zeros": zeros,
    "ones": ones,
    "constant": Constant(),
    "random_normal": RandomNormal(),
    "truncated_normal": TruncatedNormal(),
    "random_uniform": RandomUniform(),
    "glorot_uniform": glorot_uniform,
    "orthogonal": orthogonal,
    "glorot_normal": VarianceScaling(1.0, "fan_avg"),
    "he_normal": VarianceScaling(2.0),
    "he_uniform": VarianceScaling(2.0, distribution="uniform"),
    "lecun_normal": VarianceScaling(1.0),
    "lecun_uniform": VarianceScaling(1.0, distribution="uniform"),
}

InitializerLike = (
    str | Callable[[tuple[int, ...], np.random.Generator], ArrayLike] | type  # of initialisers
)

know(zeros, ones, glorot_uniform, orthogonal)
know(Constant, RandomNormal, RandomUniform, TruncatedNormal, VarianceScaling)


def get(initializer: InitializerLike) -> Any:
    """An initialiser by name, or the function that was given; of a class, one with its defaults."""
    if not callable(initializer) or is_of_keras(initializer):
        return find(INITIALIZERS, initializer, "initializer")
    if isinstance(initializer, type):
        need_arguments(initializer, (), "The class of initialisers")
        initializer = initializer()
    need_arguments(initializer, ("shape", "rng"), "The initialiser")
    names = names_taken(initializer)
    if names[1:2] == ["dtype"]:  # it would be given the generator
        raise mismatch(
            f"The initialiser {name_of(initializer)} takes a dtype, as those of Keras do.",
            "(shape, rng), of which rng is a numpy.random.Generator",
            f"{name_of(initializer)}({', '.join(names)})",
            TypeError,
        )
    return initializer


def values(
    initializer: Callable[..., Any],
    shape: tuple[int, ...],
    rng: np.random.Generator,
    dtype: DTypeLike,
    what: str,
) -> Array:
    """What an initialiser gives for a shape, as an array of the dtype.

    Raises
    ------
    TypeError, ValueError
        If it gives anything but finite real numbers of that shape.
    """
    return real_array(of_shape(initializer, shape, rng, what), dtype, what)


def of_shape(
    initializer: Callable[..., Any], shape: tuple[int, ...], rng: np.random.Generator, what: str
) -> Array:
    """What an initialiser gives, an array of that shape."""
    given = as_array(initializer(shape, rng), what)
    if given.shape != tuple(shape):
        received = f"shape {given.shape}" if given.ndim else f"{given}"
        raise mismatch(
            f"{what} does not fit.",
            f"an array of shape {tuple(shape)}",
            f"{received} from {name_of(initializer)}",
        )
    return given
