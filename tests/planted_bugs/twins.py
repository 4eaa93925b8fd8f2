"""Checks against the naive twin: kernels, and the training of a model from its equations."""

from tests.kernels import test_activations as activations
from tests.kernels.cells import test_lstm as lstm
from tests.kernels.layers import test_dense as dense
from tests.kernels.layers import test_dropout as dropout
from tests.kernels.products import test_products as products
from tests.kernels.training import test_loop as loop
from tests.kernels.training import test_losses as losses
from tests.kernels.training import test_optimizers as optimizers
from tests.models import MODES
from tests.optimizers import test_own_optimizers as own_optimizers
from tests.planted_bugs.checks import mirrors, rng
from tinylstm import Adam


def every_array(mode, **options):
    """Forward and backward, of all outputs and of the last one."""
    for return_sequences in (False, True):
        options["return_sequences"] = return_sequences
        lstm.Case(rng(), lstm.SIZE, mode=mode, **options).check()


@mirrors(
    "kernels/cells/test_lstm.py::test_all_arrays_equal_the_naive_twin",
    "against_keras/test_lstm.py::test_outputs_and_gradients_of_sequences_equal_keras",
)
def twin_stateless():
    every_array("stateless")


@mirrors(
    "kernels/cells/test_lstm.py::test_all_arrays_equal_the_naive_twin",
    "against_keras/test_state.py::test_gradients_after_a_carried_state_equal_keras",
    "against_keras/test_state.py::test_initial_state_and_its_gradient_equal_keras",
)
def twin_stateful():
    every_array("stateful")


@mirrors("kernels/cells/test_lstm.py::test_all_arrays_equal_the_naive_twin")
def twin_batch_carried():
    every_array("batch_carried")


@mirrors("kernels/cells/test_lstm.py::test_going_backwards_equals_the_naive_twin")
def twin_backwards():
    for mode in ("stateless", "stateful"):
        every_array(mode, go_backwards=True)


@mirrors("kernels/cells/test_lstm.py::test_every_activation_equals_the_naive_twin")
def twin_activations():
    lstm.test_every_activation_equals_the_naive_twin(rng())


def flagged(kind, return_sequences):
    for mode in MODES:
        case = lstm.Case(rng(), (4, 5, 3, 2), mode=mode, return_sequences=return_sequences)
        case.flags[...] = lstm.FLAGS[kind](rng(), 4, 5)
        case.check()


@mirrors(
    "kernels/cells/test_lstm.py::test_masks_and_restarts_equal_the_naive_twin",
    "against_keras/test_state.py::test_masked_steps_equal_keras",
)
def twin_masks():
    flagged("random mask", True)
    flagged("leading mask, last row masked", False)


@mirrors("kernels/cells/test_lstm.py::test_masks_and_restarts_equal_the_naive_twin")
def twin_restarts():
    flagged("restart of some rows", True)


@mirrors(
    "kernels/cells/test_lstm.py::test_sizes_of_every_remainder_equal_the_naive_twin",
    "kernels/cells/test_lstm.py::test_sizes_where_blocks_begin_equal_the_naive_twin",
)
def twin_sizes():
    for sizes in [*lstm.SIZES[3:6], *lstm.SIZES_AT_BLOCKS[::2]]:
        lstm.Case(rng(), sizes, mode="stateful", return_sequences=True).check()


@mirrors("kernels/cells/test_lstm.py::test_groups_of_two_steps_equal_the_naive_twin")
def twin_groups():
    for options in ({}, {"go_backwards": True}):
        lstm.test_groups_of_two_steps_equal_the_naive_twin(rng(), options)


@mirrors(
    "kernels/products/test_products.py::test_the_three_forms_equal_numpy",
    "kernels/products/test_products.py::test_what_was_packed_once_serves_again",
    "kernels/products/test_products.py::test_a_product_may_start_from_a_row",
)
def twin_products():
    for ways in ((0, 0), (1, 0), (0, 1)):
        products.test_the_three_forms_equal_numpy(rng(), ways, "float64")
    products.test_what_was_packed_once_serves_again(rng(), 0, "float64")
    products.test_a_product_may_start_from_a_row(rng(), True, "float64")


@mirrors(
    "kernels/layers/test_dense.py::test_every_activation_behind_dense_equals_the_naive_twin",
    "kernels/layers/test_dense.py::test_dense_on_every_step_equals_the_naive_twin",
)
def twin_dense():
    for activation in dense.ACTIVATIONS:
        dense.check(rng(), (5, 3), 4, "float64", activation)
    dense.check(rng(), (3, 4, 5), 2, "float64", "tanh")


@mirrors(
    "kernels/training/test_losses.py::test_losses_with_row_weights_equal_the_naive_twin",
    "kernels/training/test_losses.py::test_losses_of_every_shape_equal_the_naive_twin",
    "kernels/training/test_losses.py::test_losses_of_huge_logits_equal_the_naive_twin",
    "kernels/training/test_losses.py::test_probabilities_at_the_ends_are_clipped_as_the_naive_twin_does",
)
def twin_losses():
    numbers = rng()
    for kernel in losses.LOSSES:
        z, target, weight = (numbers.random(shape) for shape in ((5, 2), (5, 2), 5))
        losses.check(kernel, z, target, weight, "float64")
        huge = kernel in losses.FUSED  # what others read are probabilities
        z[0] = (1e4, 5e3) if huge else (1, 1e-9)
        losses.check(kernel, z, target, weight, "float64")


@mirrors(
    "kernels/layers/test_dropout.py::test_output_and_gradient_use_one_mask_as_the_naive_twin_does"
)
def twin_dropout():
    dropout.test_output_and_gradient_use_one_mask_as_the_naive_twin_does(rng(), "float64")


@mirrors(
    "kernels/training/test_optimizers.py::test_six_updates_equal_the_naive_twin_between_start_and_stop"
)
def twin_updates():
    for kind, rates in optimizers.RULES:
        optimizers.test_six_updates_equal_the_naive_twin_between_start_and_stop(
            rng(), kind, rates, "float64"
        )


@mirrors(
    "kernels/training/test_optimizers.py"
    "::test_clipping_equals_the_naive_twin_and_counts_only_what_is_trained"
)
def twin_clipping():
    for kind in optimizers.CLIPPINGS:
        optimizers.test_clipping_equals_the_naive_twin_and_counts_only_what_is_trained(
            rng(), kind, 0.9, "float64"
        )


@mirrors(
    "kernels/training/test_optimizers.py::test_norms_are_measured_before_they_are_bounded",
    "kernels/training/test_optimizers.py::test_a_norm_that_is_not_a_number_stays_the_largest",
)
def twin_norms():
    for kind in (None, *optimizers.CLIPPINGS):
        optimizers.test_norms_are_measured_before_they_are_bounded(rng(), kind, "float64")
    optimizers.test_a_norm_that_is_not_a_number_stays_the_largest()


@mirrors(
    "optimizers/test_own_optimizers.py::test_its_numbers_change_once_an_update_whatever_is_frozen"
)
def law_own_numbers():
    own_optimizers.test_its_numbers_change_once_an_update_whatever_is_frozen()


@mirrors(
    "kernels/training/test_optimizers.py::test_fifty_adam_steps_of_a_model_equal_the_naive_equations",
    "against_keras/test_lstm.py::test_weights_in_float64_after_50_adam_steps_equal_keras",
    "against_keras/test_training.py::test_stateful_weights_and_states_after_50_adam_steps_equal_keras",
)
def twin_training():
    for stateful in (False, True):
        trained = optimizers.Training(rng(), "float64", stateful)
        trained.fit(Adam(0.01), 1)
        weights, _ = trained.naive(Adam, {"learning_rate": 0.01}, 1)
        trained.check(weights, "float64", 1)


@mirrors(
    "kernels/training/test_loop.py::test_masks_row_weights_and_order_of_a_data_set_equal_the_naive_equations"
)
def twin_loop():
    for mode in MODES:
        loop.test_masks_row_weights_and_order_of_a_data_set_equal_the_naive_equations(rng(), mode)


@mirrors(
    "kernels/test_activations.py::test_exp_tanh_and_sigmoid_of_single_numbers_are_exact_in_their_dtype"
)
def twin_float32():
    activations.test_exp_tanh_and_sigmoid_of_single_numbers_are_exact_in_their_dtype(20)
