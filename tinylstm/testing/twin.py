"""The engine held to `tinylstm.reference`: loss, output and every gradient of a model."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from .. import reference
from ..engine.study import from_rows
from ..layers import RNN, Activation, Bidirectional, Dropout, SpatialDropout1D
from ..reference import network
from ..surface.arguments import find, known
from ..surface.types import StatesLike
from .differences import Difference, GradientReport
from .gradient import loss_checks, need_loss, worst_of

if TYPE_CHECKING:
    from ..model import Sequential

LIMIT = 1e-10  # normwise error that counts as right, in float64


def twin_check(
    model: Sequential,
    x: ArrayLike,
    y: ArrayLike,
    states: StatesLike | None = None,
    mask: ArrayLike | None = None,
    sample_weight: ArrayLike | None = None,
    training: bool = False,
) -> GradientReport:
    """Compare a model's loss, output and gradients with those of `tinylstm.reference`, in float64.

    Arguments, and passes that are compared, as in `gradient_check`. What differs here and not there
    is a mistake that forward and backward pass share, as two gates that are exchanged in both.

    Returns
    -------
    GradientReport
        One `Difference` for the loss, the output, each parameter tensor, x and each incoming state.

    Raises
    ------
    ValueError
        If the model has a layer or a loss that the reference does not know: one of your own, or a
        layer of a cell of your own.
    """
    need_loss(model, "twin_check")
    need_twins(model)
    checks = loss_checks(model, x, y, states, mask, sample_weight, training)
    return worst_of([report_of(check, mask) for check in checks])


def report_of(check, mask):
    """The report of one pass."""
    loss = check.loss()
    found = {"loss": np.array([loss]), "output": check.made.y()}
    found |= {name: gradient for name, gradient, _ in check.gradients()}
    wanted = by_reference(check, mask)
    wanted = {name: wanted[name].reshape(array.shape) for name, array in found.items()}
    differences = [Difference(name, found[name], wanted[name], 0.0) for name in found]
    return GradientReport(differences, "reference", LIMIT)


def by_reference(check, mask):
    """{name: array} of what the reference computes for the pass."""
    made, model = check.made, check.model
    names, parts = parts_of(model)
    _, logits = model.loss.kernel_for(model.network.chain)
    if logits:  # the loss has taken the place of the last activation
        names.pop(), parts.pop()
    x = check.rows_of_input(made.program.plan["x"]).reshape(made.shape)
    hold = None if mask is None else ~np.asarray(mask, bool)
    y, hold, go_back = network.run(parts, x, hold, incoming_states(made), kept_by_dropout(made))
    target, weights = check.data
    weights = np.ones((len(x), y.shape[1] if y.ndim == 3 else 1)) if weights is None else weights
    own = model.loss.name, logits, target, y, weights, hold
    loss, dy = network.loss_of(*own, model.loss.option)
    dx, gradients, dstates = go_back(dy)
    found = {"x": dx}
    for name, (layer, tensors), of_layer in zip(names, parts, gradients, strict=True):
        penalties = penalties_of(model, layer)
        for tensor, w in tensors.items():
            cost, dw = reference.penalty(w, *penalties.get(tensor, (0.0, 0.0)))
            loss += cost
            found[f"{name}/{tensor}"] = of_layer[tensor] + dw
    for layer in model.state.layers:
        for name, gradient in zip(layer.state_names, dstates[layer.name], strict=True):
            found[f"{layer.name}/{name}0"] = gradient
    if logits:
        activation = reference.ACTIVATION[model.network.chain[-1].activation]
        y = activation(y.reshape(-1, y.shape[-1])).reshape(y.shape)
    return found | {"loss": np.array([loss]), "output": y}


def need_twins(model):
    """Refuse what the reference does not compute."""
    find(network.FROM_OUTPUTS, model.loss.name, "loss for the reference")
    for penalty in model.network.parameters.penalized.values():
        known(("L1L2",), type(penalty).__name__, "penalty for the reference")
    for layer, _ in parts_of(model)[1]:
        read_by = (layer.forward_layer,) if isinstance(layer, Bidirectional) else ()
        for one in (layer, *read_by):
            find(network.RULES, type(one).__name__, "layer for the reference")
            if isinstance(one, Activation):
                there = reference.ACTIVATION | reference.OF_INPUT
                known(there, one.activation, "activation for the reference")


def parts_of(model):
    """What the reference runs: names of the model's layers, and (layer, its tensors) of each.

    A Dense is two, itself and its activation.
    """
    names, parts = [], []
    for layer in model.layers:
        tensors = model.views(layer, model.theta)
        for part in (layer,) if isinstance(layer, Bidirectional) else layer.parts():
            names.append(layer.name)
            parts.append((part, tensors if part is layer or part.tensors() else {}))
    return names, parts


def penalties_of(model, layer):
    """{tensor: (l1, l2)} of a layer's tensors that have a penalty and are trained."""
    trained = model.network.parameters.trained_parts()
    return {
        part.prefix + name: (penalty.l1, penalty.l2)
        for part in layer.parts()
        for name, penalty in part.regularizers.items()
        if penalty is not None and part in trained
    }


def incoming_states(made):
    """{name of a recurrent layer: the arrays it starts from, or None: it starts from zeros}."""
    state, vector, rows = made.model.state, made.vector("state_in"), made.batches.rows
    return {
        layer.name: list(state.views(layer, vector, rows).values()) if carry else None
        for layer, carry in zip(state.layers, made.batches.carry, strict=True)
    }


def kept_by_dropout(made):
    """Masks of a pass of a training: {name of a Dropout: 1 where it has kept an element, 0 where
    not; of a recurrent layer with dropout inside: those of x and of h_prev}."""
    program = made.program
    if not program.batch["training"][0]:
        return {}
    kept = {}
    for k, layer in enumerate(made.layers):
        if isinstance(layer, RNN) and layer.is_thinned:
            masks = program.buffers(layer, program.rows, program.chain)
            kept[layer.name] = masks["x_mask"], masks["h_mask"]
        if isinstance(layer, Dropout | SpatialDropout1D):
            row = program.table[k]
            shape = (program.rows * program.chain * int(row["steps"]), int(row["units"]))
            y = from_rows(program.view(int(row["y"]), shape), made.batches, int(row["steps"]))
            kept[layer.name] = (y != 0).astype(float).reshape(len(y), *layer.sample_shape)
    return kept
