"""Every gate and state of the recurrent layers at every step, and what of it is shown."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..data.evenly import evenly
from ..engine.study import LayerTrace
from ..inside import gate_span, state_span
from ..inside.spans import saturated_beyond
from ..plotting.gate_maps import MEANINGS
from .network import CELLS
from .room import STEPS, UNITS
from .subject import Subject, layers_of


def part(subject: Subject) -> dict[str, Any]:
    """``layers``, facts of each recurrent layer in their order, and ``arrays``.

    Arrays are named "lstm/f", each (samples, steps, units), and "lstm/masked" (samples, steps).
    At a masked step there are states, but no gates: NaN.
    """
    (trace, _, _) = next(subject.passes())
    traces = layers_of(trace)
    arrays = subject.gathered(shown_arrays)
    cells = cells_of(subject.model)
    return {
        "layers": [facts(one, arrays, cells[name]) for name, one in traces.items()],
        "arrays": arrays,
    }


def cells_of(model):
    """The cell of each recurrent layer, by the layer's name."""
    return {layer.name: layer.cell for layer in model.state.layers}


def shown_arrays(trace):
    """The arrays of a batch, without the units and steps that are left out."""
    found = {}
    for layer, one in layers_of(trace).items():
        units = shown_units(one)
        masked = one.masked[:, -STEPS:]
        for name in one.state_names:
            found[f"{layer}/{name}"] = getattr(one, name)[:, -STEPS:, units]
        for name in one.gate_names:
            gate = getattr(one, name)[:, -STEPS:, units]
            found[f"{layer}/{name}"] = np.where(masked[..., None], np.nan, gate)
        found[f"{layer}/masked"] = masked
    return found


def shown_units(trace):
    """The numbers of the units that are shown: all, or some at equal distances."""
    units = getattr(trace, trace.state_names[0]).shape[-1]
    return np.array(evenly(range(units), UNITS))


def facts(trace: LayerTrace, arrays: dict[str, Any], cell: Any) -> dict[str, Any]:
    """What a panel needs to know of a layer; ``cell``: the name of one of ours, or None."""
    layer, gates, states = trace.layer_name, trace.gate_names, trace.state_names
    values = {name: arrays[f"{layer}/{name}"] for name in (*gates, *states)}
    seen = ~arrays[f"{layer}/masked"].astype(bool)
    of_gates = {name: gate_span(name, values[name][seen]) for name in gates}
    return {
        "name": layer,
        "cell": cell.name if cell in CELLS else None,
        "gates": list(gates),
        "states": list(states),
        "meanings": MEANINGS.get(states, {}),
        "spans": of_gates | {name: state_span(name, values[name]) for name in states},
        "saturated": {name: saturated_beyond(span) for name, span in of_gates.items()},
        "shown": [int(k) for k in shown_units(trace)],
        "units": getattr(trace, states[0]).shape[-1],
        "steps": trace.masked.shape[1],
        "go_backwards": trace.go_backwards,
    }
