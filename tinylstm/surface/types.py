"""What the hints of many arguments are called. They say no more than the docstrings, to a machine.

Where something is None only before a model is built, compiled or trained, its hint leaves that out.
"""

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Literal, Protocol

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.floating[Any]]
Kernel = Callable[..., Any]
Change = Callable[[], Any]  # see `whole`
PathLike = str | os.PathLike[str]
Shape = tuple[Any, ...]  # of a sample or a batch: int, or None for any length
ShapeLike = Sequence[int | None]
States = dict[str, list[Array]]  # {name of a layer: [h, c]}
StatesLike = Mapping[str, Sequence[ArrayLike]] | Sequence[ArrayLike]
Logs = Any  # {name: number}; None where there are none, which no callback need say of its own
Verbose = Literal[0, 1, 2, 3, "auto"] | bool


class KerasSequence(Protocol):
    """Batches by their number."""

    def __len__(self) -> int: ...

    def __getitem__(self, k: int, /) -> Any: ...


Data = (
    ArrayLike | Iterable[Any] | KerasSequence
)  # what `fit` reads: arrays, or batches as they come
