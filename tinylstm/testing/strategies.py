"""Hypothesis strategies for tests of what one has written: sizes, samples, masks, models.

What hides mistakes is avoided: sizes are all different, weights of each gate its own, no bias and
no state zero.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np
from hypothesis import strategies as st
from numpy.typing import NDArray

from ..layers.layer import Layer
from ..losses import Loss
from ..model import Sequential


@st.composite
def sizes(draw: st.DrawFn, most: int = 5, **least: int) -> dict[str, int]:
    """{name: a size}, all of them different.

    Parameters
    ----------
    most : int, default=5
    **least : int
        The least size of each name, as in ``sizes(B=1, T=3, D=1, H=2)``.
    """
    found = {}
    # Those that have least choice come first.
    for name in sorted(least, key=least.__getitem__, reverse=True):
        left = [n for n in range(least[name], most + 1) if n not in found.values()]
        found[name] = draw(st.sampled_from(left))
    return {name: found[name] for name in least}


@st.composite
def samples(draw: st.DrawFn, *shape: int, dtype: str = "float64") -> NDArray[Any]:
    """An array of normal random numbers."""
    return generator(draw).normal(size=shape).astype(dtype)


@st.composite
def masks(draw: st.DrawFn, rows: int, steps: int) -> NDArray[np.bool_]:
    """A mask (rows, steps), False where a step is masked: any steps, in one row all of them."""
    mask = generator(draw).random((rows, steps)) < 0.6
    mask[draw(st.integers(0, rows - 1))] = False
    return mask


class Trial(NamedTuple):
    """A compiled model with random numbers in all parameters, samples and targets."""

    model: Sequential
    x: np.ndarray
    y: np.ndarray


@st.composite
def trials(
    draw: st.DrawFn,
    layers: Sequence[Layer] | Callable[[], Sequence[Layer]],
    rows: int,
    shape: tuple[int, ...],
    loss: str | Loss = "mse",
    dtype: str = "float64",
) -> Trial:
    """A `Trial`: a model of these layers, random, and random data; a carried state is random too.

    Parameters
    ----------
    layers : list of Layer, or a function that makes one
        Copies of them are taken.
    rows : int
        Samples.
    shape : tuple of int
        Of a sample.
    loss : str or Loss, default="mse"
    dtype : str, default="float64"
    """
    rng = generator(draw)
    model = Sequential(dtype=dtype)
    model.seed = int(rng.integers(1000))
    for layer in layers() if callable(layers) else layers:
        model.add(layer.copy(dtype))
    model.build((None, *shape))
    model.compile("sgd", loss)
    model.set_weights([rng.normal(scale=0.5, size=w.shape) for w in model.weights])
    if model.state.hand_on:
        model.set_states(
            {
                layer.name: [rng.normal(size=(rows, layer.units)) for _ in layer.state_names]
                for layer in model.state.carried_layers()
            }
        )
    x = rng.normal(size=(rows, *shape)).astype(dtype)
    y = rng.uniform(0.1, 0.9, (rows, *model.network.shape_of_output(x)))
    return Trial(model, x, (y / y.sum(axis=-1, keepdims=True)).astype(dtype))


def generator(draw: st.DrawFn) -> np.random.Generator:
    """A generator of random numbers, of a drawn seed: quicker than numbers that are drawn."""
    return np.random.default_rng(draw(st.integers(0, 999)))
