"""All kernels, made ready at once: for an image, a laboratory, or a continuous integration."""

from ..kernels.compiling import address_of
from ..kernels.layers.activation import activation_backward, activation_forward
from ..kernels.layers.bidirectional import (
    fork_backward,
    fork_forward,
    merge_backward,
    merge_forward,
)
from ..kernels.layers.dense import dense_backward, dense_forward
from ..kernels.layers.dropout import (
    dropout_backward,
    dropout_forward,
    feature_dropout_backward,
    feature_dropout_forward,
)
from ..kernels.layers.elementwise import of_elu, of_gelu, of_leaky_relu
from ..kernels.layers.embedding import embedding_backward, embedding_forward
from ..kernels.layers.masking import (
    blank_backward,
    blank_forward,
    masking_backward,
    masking_forward,
)
from ..kernels.layers.normalization import normalization_backward, normalization_forward
from ..kernels.layers.recurrent import recurrent_backward, recurrent_forward
from ..kernels.layers.shapes import (
    repeat_backward,
    repeat_forward,
    reshape_backward,
    reshape_forward,
)
from ..kernels.layers.steps import of_gru, of_lstm, of_simple_rnn
from ..kernels.layers.thinned import thin_input, thin_recurrent, thin_recurrent_back, thin_weights
from ..kernels.products import blocked_product, product_signature
from ..kernels.streaming.generation import generate, generation_signature
from ..kernels.streaming.stepping import step, step_signature
from ..kernels.tables import layer_signatures, step_signatures
from ..kernels.threads import (
    add_signature,
    add_slices,
    backward_together,
    forward_together,
    help_out,
    helping_signatures,
    meet,
    meet_in_layer,
    meet_signatures,
    share_row,
    together_signatures,
)
from ..kernels.training import constraints, losses, metrics, optimizers, regularizers
from ..kernels.training.loop import (
    all_finite,
    backward_pass,
    draw_order,
    finite_signature,
    forward_pass,
    loop_signature,
    order_signature,
    pass_signatures,
    run_batches,
)
from ..kernels.training.scoring import leave_out_masked, score, score_signatures
from ..optimizers import OPTIMIZERS
from .first_start import bar
from .preparing import prepare

LAYERS = [
    (recurrent_forward, recurrent_backward),
    (dense_forward, dense_backward),
    (activation_forward, activation_backward),
    (dropout_forward, dropout_backward),
    (masking_forward, masking_backward),
    (embedding_forward, embedding_backward),
    (fork_forward, fork_backward),
    (merge_forward, merge_backward),
    (reshape_forward, reshape_backward),
    (repeat_forward, repeat_backward),
    (feature_dropout_forward, feature_dropout_backward),
    (blank_forward, blank_backward),
    (normalization_forward, normalization_backward),
    *(of_elu, of_gelu, of_leaky_relu),
]
STEPS = [
    *(of_lstm, of_gru, of_simple_rnn),
    (thin_input, thin_recurrent_back),
    (thin_recurrent, thin_weights),
]
LOSSES = [
    losses.softmax_crossentropy,
    losses.sparse_softmax_crossentropy,
    losses.sigmoid_crossentropy,
    losses.mean_squared_error,
    losses.mean_absolute_error,
    losses.mean_absolute_percentage_error,
    losses.huber,
    losses.hinge,
    losses.kl_divergence,
    losses.categorical_crossentropy,
    losses.sparse_categorical_crossentropy,
    losses.binary_crossentropy,
]
METRICS = [
    losses.categorical_accuracy,
    losses.sparse_categorical_accuracy,
    losses.binary_accuracy,
    losses.rounded_accuracy,
    losses.squared_errors,
    losses.absolute_errors,
]
OF_SUMS = [metrics.top_k, metrics.sparse_top_k, metrics.evenly_binned, metrics.binned]
PENALTIES = [
    (regularizers.penalty, regularizers.penalty_gradient),
    (regularizers.any_penalty, regularizers.any_penalty_gradient),
]
CONSTRAINTS = [
    constraints.max_norm,
    constraints.non_negative,
    constraints.unit_norm,
    constraints.min_max_norm,
]


def all_kernels(dtype):
    """Every kernel with its signature for a dtype, in pairs."""
    forward, backward = pass_signatures(dtype)
    found = [
        (forward_pass, forward),  # before what calls them: else they are compiled for it alone
        (backward_pass, backward),
        (run_batches, loop_signature(dtype)),
        (all_finite, finite_signature(dtype)),
        (draw_order, order_signature()),
        *zip((meet, meet_in_layer), meet_signatures(), strict=True),
        (add_slices, add_signature(dtype)),
        *zip((score, leave_out_masked), score_signatures(dtype), strict=True),
        *zip((share_row, help_out), helping_signatures(dtype), strict=True),
        *zip((forward_together, backward_together), together_signatures(dtype), strict=True),
        (step, step_signature(dtype)),
        (generate, generation_signature(dtype)),
        (blocked_product, product_signature(dtype)),
        (constraints.apply_constraints, constraints.constraints_signature(dtype)),
        (optimizers.clip, optimizers.clip_signature(dtype)),
    ]
    found += [pair for two in LAYERS for pair in zip(two, layer_signatures(dtype), strict=True)]
    found += [pair for two in STEPS for pair in zip(two, step_signatures(dtype), strict=True)]
    found += [(kernel, losses.loss_signature(dtype)) for kernel in LOSSES]
    found += [(kernel, losses.metric_signature(dtype)) for kernel in METRICS]
    found += [(kernel, metrics.sums_signature(dtype)) for kernel in OF_SUMS]
    of_penalties = regularizers.penalty_signatures(dtype)
    found += [pair for two in PENALTIES for pair in zip(two, of_penalties, strict=True)]
    found += [(kernel, constraints.constraint_signature(dtype)) for kernel in CONSTRAINTS]
    found += [pair for kind in OPTIMIZERS.values() for pair in kind().calls(dtype).values()]
    found.append((optimizers.rmsprop_keras2, optimizers.update_signature(dtype)))
    return list(dict.fromkeys(found))  # several optimisers have one kernel


def warm_up(dtypes):
    """Compile every kernel that is not on the disk; returns how many there are."""
    pairs = [pair for dtype in dtypes for pair in all_kernels(dtype)]
    prepare(pairs, bar)
    for kernel, signature in pairs:
        address_of(kernel, signature)
    return len(pairs)
