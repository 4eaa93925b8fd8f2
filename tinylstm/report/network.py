"""The model as the page computes it anew: its parts in their order, and their weights.

What a part does is what its forward kernel does. Where that is none of ours, or the cell is none of
ours, the page cannot compute it, and shows what was recorded.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ..engine.program import steps_of
from ..files.weights import tensors_of
from ..kernels.cells import gru, gru_reset_before, lstm, simple_rnn
from ..kernels.layers import (
    activation,
    bidirectional,
    dense,
    dropout,
    elementwise,
    embedding,
    masking,
    normalization,
    recurrent,
    shapes,
)
from ..layers.activation import ACTIVATIONS
from ..layers.composite import flow
from ..layers.declared import name_of
from .room import STEPS, WEIGHTS
from .subject import Subject

if TYPE_CHECKING:
    from ..model import Sequential
    from ..surface.types import Array

NAMES = {number: name for name, number in ACTIVATIONS.items()}
CELLS = lstm, gru, gru_reset_before, simple_rnn


def part(subject: Subject) -> dict[str, Any]:
    """What ``page/engine/`` computes with: `described`, `weights_of` and `starts_of`.

    why : why it cannot, a sentence, and nothing else; or None.
    """
    found = described(subject.model)
    why = why_not(subject, found["unknown"])
    if why is not None:
        return {"why": why}
    return found | {
        "why": None,
        "weights": weights_of(subject.model),
        "starts": starts_of(subject),
    }


def why_not(subject: Subject, unknown: list[str]) -> str | None:
    """Why the page cannot compute the model."""
    count, steps = subject.model.count_params(), longest(subject)
    if unknown:
        return (
            "The page computes with layers and cells of tinylstm, none of one's own: "
            f"{', '.join(unknown)}."
        )
    if count > WEIGHTS:
        return f"The {count:,} weights are not on the page: there is room for {WEIGHTS:,}."
    if steps > STEPS:
        return f"Of the {steps:,} steps of a layer the first {steps - STEPS:,} are not on the page."
    return None


def longest(subject: Subject) -> int:
    """Steps of the longest sequence that a part of the model reads or puts out."""
    shapes, output = flow(subject.model.network.chain, subject.x.shape[1:])
    return max(steps_of(shape) for shape in (*shapes, output))


def described(model: Sequential) -> dict[str, Any]:
    """``parts``, a dict each, with the names of its weights; ``unknown``, names of parts that the
    page cannot compute."""
    parts = [described_part(layer, part) for layer in model.layers for part in layer.parts()]
    return {"parts": parts, "unknown": [one["name"] for one in parts if one["kind"] is None]}


def weights_of(model: Sequential) -> dict[str, Array]:
    """{name: array}, copies: the weights of all parts, called as in files."""
    return {name: array.copy() for name, array in tensors_of(model).items()}


def starts_of(subject: Subject) -> dict[str, dict[str, Array]]:
    """{layer: {"h": (samples, units), "c": ...}}: what the shown samples start from, of the layers
    whose state goes from sample to sample."""
    layers = [one for one in subject.model.state.layers if one.state_mode != "stateless"]
    count = len(subject.shown)
    found = {
        layer.name: {name: np.zeros((count, layer.units)) for name in layer.state_names}
        for layer in layers
    }
    for trace, rows, places in subject.passes():
        carried = subject.model.get_states()
        for layer in layers:
            starts = carried.get(layer.name) or ends_before(trace[layer.name])
            for name, start in zip(layer.state_names, starts, strict=True):
                if len(start):  # before the first batch there is no state: zeros
                    found[layer.name][name][places] = start[rows]
    return found


def ends_before(trace):
    """States that the samples of a batch start from which is one sequence: those before end so."""
    ends = [getattr(trace, name)[:, -1] for name in trace.state_names]
    return [np.concatenate([np.zeros_like(end[:1]), end[:-1]]) for end in ends]


def described_part(layer, part):
    """A part, with what its rule in ``page/engine/`` asks for."""
    kind, settings = RULES.get(part.pair()[0], (None, None))
    if kind == "recurrent" and part.cell not in CELLS:
        kind = None
    return {
        "kind": kind,
        "name": part.name,
        "layer": layer.name,
        "inlets": part.inlets,
        "outlets": part.outlets,
        "units": part.output_shape(part.sample_shape)[-1],
        "weights": {name: name_of(layer, part, name) for name in part.tensors()},
    } | (settings(part) if kind else {})


def of_recurrent(part):
    """A recurrent layer of one of our cells."""
    return {
        "cell": part.cell.name,
        "activation": NAMES[part.fields["activation"]],
        "recurrent_activation": NAMES[part.fields["recurrent_activation"]],
        "state_mode": part.state_mode,
        "go_backwards": part.go_backwards,
        "return_sequences": part.return_sequences,
    }


def of_activation(part):
    """An activation by its name."""
    return {"activation": NAMES[part.fields["activation"]]}


def nothing(part):
    """A part that its inputs and weights say all of."""
    return {}


RULES = {  # by the forward kernel: the rule's name, and what it asks for
    recurrent.recurrent_forward: ("recurrent", of_recurrent),
    dense.dense_forward: ("dense", nothing),
    activation.activation_forward: ("activation", of_activation),
    elementwise.of_elu[0]: ("activation", lambda part: {"activation": "elu"}),
    elementwise.of_gelu[0]: ("activation", lambda part: {"activation": "gelu"}),
    elementwise.of_leaky_relu[0]: ("leaky_relu", lambda part: {"slope": part.negative_slope}),
    embedding.embedding_forward: ("embedding", lambda part: {"mask_zero": part.mask_zero}),
    masking.masking_forward: (
        "masking",
        lambda part: {"mask_value": float(np.float32(part.mask_value))},  # as the page has x
    ),
    masking.blank_forward: ("blank", lambda part: {"go_backwards": part.go_backwards}),
    normalization.normalization_forward: (
        "normalization",
        lambda part: {"epsilon": part.epsilon},
    ),
    shapes.repeat_forward: ("repeat", lambda part: {"n": part.n}),
    shapes.reshape_forward: (
        "reshape",
        lambda part: {"shape": list(part.output_shape(part.sample_shape))},
    ),
    dropout.dropout_forward: ("dropout", nothing),
    dropout.feature_dropout_forward: ("dropout", nothing),
    bidirectional.fork_forward: ("fork", nothing),
    bidirectional.merge_forward: ("merge", lambda part: {"mode": part.mode}),
}
