"""The weights of a recurrent layer by gate, and units that no longer do anything.

W (D, G H), U (H, G H) and b have a block of columns for each of the cell's G gates:

    W_k = W[:, k H : (k + 1) H]

The spectral norm of U_k is its largest singular value: by so much h_prev can become larger on its
way to z_k, and so can a gradient on its way back.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..engine.study import LayerTrace
from ..layers import RNN
from ..surface.errors import mismatch
from .spans import gate_span, saturated_beyond

TENSORS = {"W": "kernel", "U": "recurrent_kernel", "b": "bias"}
MOSTLY = 0.9  # of the steps
MOVED = 0.01  # by so much h of a unit that lives has changed


class Idle(NamedTuple):
    """Shares of the units that do nothing."""

    saturated: dict[str, float]  # by gate, of those whose span has ends
    dead: float


def need_cell(layer):
    """Refuse a layer without a cell, or one that is not built."""
    if not isinstance(layer, RNN):
        expected = (
            "an LSTM, a GRU, or another layer of a cell; of a Bidirectional its forward_layer"
        )
        raise mismatch("These weights have no gates.", expected, repr(layer), TypeError)
    if layer.model is None or not layer.model.built:
        raise mismatch("The layer has no weights yet.", "a layer of a built model", repr(layer))


def gate_weights(layer: RNN) -> dict[str, dict[str, NDArray]]:
    """W, U and b by gate: ``found["U"]["f"]``, copies.

    Parameters
    ----------
    layer : RNN
        An LSTM, say, of a built model.

    Returns
    -------
    dict
        W_k (D, H), U_k (H, H), b_k (1, H), or (2, H) of a cell that reads its parts apart; no "b"
        where there is none.

    Raises
    ------
    TypeError, ValueError
        If it is no layer of a cell, or not built.
    """
    need_cell(layer)
    network, gates, found = layer.model.network, layer.gate_names, {}
    for letter, name in TENSORS.items():
        if name in layer.tensors():
            whole = np.atleast_2d(network.tensor(layer, name)).copy()
            blocks = np.split(whole, len(gates), axis=1)
            found[letter] = dict(zip(gates, blocks, strict=True))
    return found


def spectral_norms(layer: RNN) -> dict[str, float]:
    """The largest singular value of U_k, by gate; NaN where a weight is no finite number."""
    blocks = gate_weights(layer)["U"]
    return {
        gate: float(np.linalg.norm(U.astype(np.float64), 2)) if np.isfinite(U).all() else np.nan
        for gate, U in blocks.items()
    }


def idle_units(trace: LayerTrace) -> Idle:
    """Shares of the units whose gates are saturated, or whose output never moves, in a trace.

    A gate of a unit is saturated where it is within 0.05 of the length of its span of an end of it
    (below 0.05 or above 0.95, of g beyond 0.9 on either side) in nine steps of ten or more; gates
    without ends, as behind a relu, are left out. A unit is dead where its h stays within 0.01 over
    all samples and steps. Masked steps do not count.
    """
    seen = ~trace.masked
    saturated = {}
    for name in trace.gate_names:
        values = getattr(trace, name)[seen]
        if (limits := saturated_beyond(gate_span(name, values))) is not None:
            low, high = limits
            often = ((values < low) | (values > high)).mean(axis=0) >= MOSTLY
            saturated[name] = float(often.mean())
    h = getattr(trace, trace.state_names[0])[seen]
    return Idle(saturated, float((np.ptp(h, axis=0) < MOVED).mean()))
