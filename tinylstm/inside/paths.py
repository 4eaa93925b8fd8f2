"""Two ways back through time: past U, from state to state, and through U.

What reaches the states of a step t came from the output of that step or of a later one. On its way
it went from h to z and through U at each step, or past it. In an LSTM what goes past U goes along
c alone, and at each step it is multiplied by the forget gate:

    dc_past[t] = dy[t] * o[t] * phi'(c[t]) + dc_past[t+1] * f[t+1]
               = sum over s >= t of  dy[s] * o[s] * phi'(c[s]) * f[s] * ... * f[t+1]
    dc_u[t]    = dc[t] - dc_past[t]

and dh_past[t] = dy[t]. In a GRU it goes along h, multiplied by the update gate u; in a SimpleRNN
there is no such way. Of a cell of one's own it is whatever its step backward sends to the states
before. A gradient is linear in what comes from above, so the two parts add up.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..engine.study import LayerTrace


class Split(NamedTuple):
    """A gradient (samples, steps, width) and its two parts."""

    whole: NDArray
    past_u: NDArray  # what went through no U since it left the output

    @property
    def through_u(self) -> NDArray:
        """What went through U once or more often."""
        return self.whole - self.past_u


def gradient_paths(trace: LayerTrace) -> dict[str, Split]:
    """The gradients of a trace, each split into what went past U and what went through it.

    Parameters
    ----------
    trace : LayerTrace
        That of a layer, after `Sequential.backward`.

    Returns
    -------
    dict
        {name: Split} of dh, of dc and other states, and of dz.

    Raises
    ------
    ValueError
        If `Sequential.backward` was not called, or the model has changed since.
    """
    past = trace.past_u()
    return {name: Split(getattr(trace, name).copy(), array) for name, array in past.items()}


def norms(gradient: NDArray) -> NDArray:
    """The root of the sum of squares over the last axis: the units."""
    return np.sqrt(np.square(gradient, dtype=np.float64).sum(axis=-1))


def by_gate(trace: LayerTrace, dz: NDArray) -> dict[str, NDArray]:
    """dz (..., G H) by gate: {"i": (..., H), ...}."""
    blocks = np.split(dz, len(trace.gate_names), axis=-1)
    return dict(zip(trace.gate_names, blocks, strict=True))
