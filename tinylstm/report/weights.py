"""The weights of the recurrent layers by gate, of now and of the epochs that were recorded."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..inside import even_span, gate_weights, spectral_norms
from ..inside.weights import MOSTLY, MOVED, TENSORS
from ..layers import RNN
from ..layers.declared import name_of
from .subject import Subject
from .training import shown_places

MOST = 0.98  # of the numbers of a tensor are within the span of its colours


def part(subject: Subject) -> dict[str, Any]:
    """``layers``, a dict of each, and the limits of `tinylstm.inside.idle_units`.

    norms : {gate: the spectral norm of U_k}, now and, in ``of_epochs``, (epochs, gates).
    """
    layers = recurrent_of(subject.model)
    over = norms_of_epochs(subject)
    return {
        "layers": [facts(owner, one, over.get(one.name)) for one, owner in layers.items()],
        "mostly": MOSTLY,
        "moved": MOVED,
        "within": MOST,
    }


def recurrent_of(model: Any) -> dict[RNN, Any]:
    """{recurrent layer: the layer of the model that it is, or is a part of}."""
    return {
        part: layer
        for layer in model.layers
        for part in layer.parts()
        if isinstance(part, RNN) and part.gate_names
    }


def facts(owner: Any, layer: RNN, of_epochs: Any) -> dict[str, Any]:
    """What a panel needs to know of a layer's weights."""
    tensors = gate_weights(layer)
    wholes = {letter: np.hstack([*blocks.values()]) for letter, blocks in tensors.items()}
    spans = {letter: usual_span(whole) for letter, whole in wholes.items()}
    return {
        "name": layer.name,
        "gates": list(layer.gate_names),
        "tensors": {letter: name_of(owner, layer, TENSORS[letter]) for letter in tensors},
        "spans": spans,
        "norms": spectral_norms(layer),
        "of_epochs": of_epochs,
    }


def usual_span(values: Any) -> tuple[float, float]:
    """An even span of nearly all values: a few large ones leave the others their colours."""
    sizes = np.abs(values)
    return even_span(values[sizes <= np.quantile(sizes, MOST)])


def norms_of_epochs(subject: Subject) -> dict[str, Any]:
    """{layer: spectral norms of U, (epochs, gates)}, of the places on the page."""
    if subject.recorder is None:
        return {}
    twin = subject.model.copy()
    found: dict[str, list[list[float]]] = {layer.name: [] for layer in recurrent_of(twin)}
    for _, weights in shown_places(subject):
        twin.set_weights([*weights.values()])
        for layer in recurrent_of(twin):
            found[layer.name].append([*spectral_norms(layer).values()])
    return {name: np.array(values) for name, values in found.items()}
