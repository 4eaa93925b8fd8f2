"""How long a unit remembers: half-lives from the gate that keeps its state.

The forget gate multiplies the cell state at each step, c[t] = f[t] * c[t-1] + ..., so of what a
step wrote into c there is left, n steps later, the product of n forget gates. At their geometric
mean f, half of it is left after

    n = ln(1/2) / ln(f)

steps: 1 at f = 0.5, 6.6 at 0.9, 69 at 0.99. In a GRU it is the update gate u that keeps h.
"""

import numpy as np
from numpy.typing import NDArray

from ..engine.study import LayerTrace
from ..surface.arguments import known
from ..surface.errors import mismatch

KEEPERS = "f", "u"  # gates that multiply the state of the step before, where a cell has them
KNOWN = ("i", "f", "g", "o"), ("u", "r", "g"), ("g",)  # gates of cells where no other one keeps it


def keeper_of(trace: LayerTrace, gate: str | None = None) -> str:
    """The name of the gate that keeps the state: f, u of a GRU, or the one that is named.

    Raises
    ------
    ValueError
        If the cell has no such gate, or has the gates of an LSTM, a GRU or a SimpleRNN, and it is
        not the one that keeps the state there.
    """
    found = [name for name in KEEPERS if name in trace.gate_names]
    if gate is not None:
        known(trace.gate_names, gate, "gate")
        if gate in found or trace.gate_names not in KNOWN:
            return gate
    if gate is not None and found:
        raise mismatch(
            f"Gate {gate!r} of layer {trace.layer_name!r} keeps no state: it is not multiplied "
            "from step to step.",
            f"gate {found[0]!r}, which does, or none",
            repr(gate),
        )
    if not found:
        raise mismatch(
            f"No gate of layer {trace.layer_name!r} is known to keep a state.",
            'an LSTM, a GRU, or gate="..." of a cell of your own',
            f"gates {', '.join(trace.gate_names)}",
        )
    return found[0]


def half_lives(trace: LayerTrace, gate: str | None = None) -> NDArray:
    """In how many steps half of a unit's state is gone: (units,).

    Over all samples and steps of the trace, the masked ones left out; infinite where the gate was 1
    at all of them, and 0 where it was 0 at one.

    Parameters
    ----------
    trace : LayerTrace
    gate : str, optional
        The gate that keeps the state; by default f, or u of a GRU.

    Raises
    ------
    ValueError
        If the cell has no such gate, or all steps were masked.
    """
    kept = getattr(trace, keeper_of(trace, gate))[~trace.masked].astype(np.float64)
    if len(kept) == 0:
        raise mismatch("There is no step to look at.", "one that is not masked", "none")
    with np.errstate(divide="ignore"):
        rate = np.abs(np.log(np.clip(kept, 0, 1)).mean(axis=0))
        return np.log(2) / rate


def retention(trace: LayerTrace, gate: str | None = None) -> NDArray:
    """What is left at the end of what each step wrote: (samples, steps, units).

    The product of the gate over all steps that are read later, 1 at the last one; a masked step
    keeps everything.
    """
    kept = getattr(trace, keeper_of(trace, gate)).astype(np.float64)
    kept = np.where(trace.masked[..., None], 1.0, kept)
    order = slice(None, None, 1 if trace.go_backwards else -1)  # from what is read last
    left = np.ones_like(kept)
    left[:, 1:] = np.cumprod(kept[:, order][:, :-1], axis=1)
    return left[:, order]
