"""Bugs in the time loop of recurrent layers, and in back-propagation through time."""

from tests.planted_bugs.in_cells import BACK, DIFFERENCES
from tests.planted_bugs.planting import Bug

FORWARD = [
    Bug(
        "recurrent_forward",
        "the t = 0 recurrent term dropped from z",
        "carried > 0",
        "... and s > 0",
        caught="twin_stateful differences_stateful law_chunks twin_training",
        unseen="twin_stateless law_samples law_batch_carried",
    ),
    Bug(
        "set_input",
        "x W of a group of steps read from the group before",
        "x_of(layer, batch, work, first, last)",
        "x_of(layer, batch, work, *(k - (layer.group if first else 0) for k in (first, last)))",
        caught="twin_groups",
        unseen="twin_stateless twin_sizes",
    ),
]

BACKWARD = [
    Bug(
        "weight_gradients",
        "the t = 0 recurrent term dropped from dU",
        "first = ...",
        "first = 1",
        caught="twin_stateful twin_training law_chunks differences_stateful",
        unseen="twin_stateless law_samples law_batch_carried",
    ),
    Bug(
        "weight_gradients",
        "dU from h, not h_prev",
        "h_of(layer, batch, work, first, T)",
        "h_of(layer, batch, work, first + 1, T + 1)",
        caught="twin_stateless twin_stateful differences_stateless differences_by_gradient_check",
    ),
    Bug(
        "recurrent_backward",
        "dh not passed on",
        "add_recurrent_gradient(...)",
        "pass",
        caught=BACK,
        unseen="law_samples law_chunks law_batch_carried",
    ),
    Bug(
        "repeated.packed_where_large",
        "on the way back U, packed for the way forth, is read for U'",
        "product_with(...)",
        "if not again.turned:\n    ...",
        caught="twin_sizes",
        unseen="twin_stateless differences_stateless",
    ),
    Bug(
        "recurrent_backward",
        "the gradient flows on through a restart",
        "restart(...)",
        "pass",
        caught="twin_restarts",
        unseen=f"{DIFFERENCES} twin_stateful",
    ),
    Bug(
        "recurrent_backward",
        "the gradient cut between samples of batch_carried",
        "restart(...)",
        "...\n"
        "if batch.chain > 1 and s % layer.steps == 0:\n"
        "    (dh, _), size = memory.dstates_at(layer, batch, s), batch.rows * layer.units\n"
        "    view(work, dh, (layer.states * size,))[:] = 0",
        caught="twin_batch_carried differences_batch_carried law_batch_carried",
        unseen="twin_stateless twin_stateful differences_stateful law_chunks",
    ),
    Bug(
        "recurrent_backward",
        "no gradient of the h that came in",
        "s > 0 or layer.need_dstate",
        "s > 0",
        caught="twin_stateful differences_stateful law_chunks",
        unseen="twin_stateless twin_training",
    ),
    Bug(
        "weight_gradients",
        "the first step left out of db",
        "sum_rows(dz, ...)",
        "sum_rows(dz[batch.rows:], bias(layer, grad, 0), batch)",
        caught="twin_stateless differences_stateless law_chunks",
        unseen="law_batch_carried",
    ),
]
