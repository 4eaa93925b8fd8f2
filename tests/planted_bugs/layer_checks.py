"""Checks of the layers beside the LSTM, of penalties, and of what targets weigh."""

from tests.kernels.layers import test_gradients_layers as gradients
from tests.kernels.layers import test_layers as layers
from tests.kernels.layers import test_mask_laws as laws
from tests.kernels.training import test_weights as weights
from tests.models import Draw
from tests.planted_bugs.checks import mirrors, rng
from tests.planted_bugs.laws import agree
from tinylstm import LSTM, Bidirectional, Dense, Flatten, Masking, Reshape
from tinylstm.regularizers import L1L2

LAYOUTS = ((layers.N, 1), (2, 3))  # side by side, and end to end too


@mirrors("kernels/layers/test_layers.py::test_masking_equals_the_naive_twin")
def twin_masking():
    for layout in LAYOUTS:
        layers.test_masking_equals_the_naive_twin(rng(), *layout, "float64")


@mirrors("kernels/layers/test_layers.py::test_embedding_equals_the_naive_twin")
def twin_embedding():
    for mask_zero in (False, True):
        layers.test_embedding_equals_the_naive_twin(rng(), *LAYOUTS[1], "float64", mask_zero)


@mirrors(
    "kernels/layers/test_layers.py::test_repeat_vector_equals_the_naive_twin",
    "kernels/layers/test_layers.py::test_reshape_and_flatten_equal_the_naive_twin",
)
def twin_shapes():
    T, D = layers.T, layers.D
    for layout in LAYOUTS:
        layers.test_repeat_vector_equals_the_naive_twin(rng(), *layout, "float64")
        for layer, target in ((lambda: Reshape((2, 6)), (2, 6)), (Flatten, (T * D,))):
            layers.test_reshape_and_flatten_equal_the_naive_twin(
                rng(), *layout, "float64", layer, (T, D), target
            )


@mirrors(
    "kernels/layers/test_layers.py::test_both_directions_equal_the_naive_twin",
    "against_keras/test_layers.py::test_masked_steps_in_any_place_equal_keras",
)
def twin_directions():
    for mode in ("concat", "mul", "ave"):
        layers.check_bidirectional(rng(), mode, "stateful", True, "float64")


@mirrors(
    "kernels/training/test_weights.py::test_penalties_and_their_gradients_equal_the_naive_twin"
)
def twin_penalties():
    weights.test_penalties_and_their_gradients_equal_the_naive_twin(rng(), "float64")


@mirrors("kernels/training/test_weights.py::test_losses_of_classes_by_number_equal_the_naive_twin")
def twin_sparse():
    for kernel in weights.SPARSE:
        weights.test_losses_of_classes_by_number_equal_the_naive_twin(
            rng(), kernel, (7, 4), "float64"
        )


@mirrors(
    "kernels/training/test_weights.py"
    "::test_a_run_with_masks_weights_and_penalties_equals_the_naive_equations",
    "against_keras/test_weights.py::test_masked_steps_count_for_nothing_in_loss_and_metrics_as_in_keras",
)
def twin_weights():
    for mode in ("stateful", "batch_carried"):
        weights.Everything(mode, True).check()


@mirrors("kernels/layers/test_gradients_layers.py::test_embeddings_of_every_mask_and_mode")
def differences_words():
    d = Draw((2, 3, 1, 2, 4), 1)
    both = Bidirectional(LSTM(1, return_sequences=True), "ave")
    model, words = gradients.embedding_model(d, both, Dense(d.K, "softmax"), mask_zero=True)
    words[0, 1] = 0
    d.x = lambda: words
    agree(d, model, d.shares(d.B, d.T))


@mirrors("kernels/layers/test_gradients_layers.py::test_penalties_on_every_tensor")
def differences_penalties():
    d = Draw((2, 3, 1, 2, 4), 1)
    dense = Dense(d.K, kernel_regularizer=L1L2(0.02, 0.3))
    agree(d, d.model(Masking(), Flatten(), dense, loss="mse"), d.rng.normal(size=(d.B, d.K)))


@mirrors("kernels/layers/test_mask_laws.py::test_padding_on_the_left_is_as_if_it_were_not_there")
def law_padding():
    for side in ("left", "right"):
        laws.check_padding(laws.one(), side, 2, both=True)


@mirrors(
    "kernels/layers/test_mask_laws.py::test_reversed_samples_and_directions_exchanged_are_the_mirror_image"
)
def law_mirror():
    laws.test_reversed_samples_and_directions_exchanged_are_the_mirror_image("concat")


@mirrors(
    "kernels/layers/test_mask_laws.py"
    "::test_a_training_step_with_masks_goes_down_the_gradient_of_the_steps_that_count"
)
def law_masked_targets():
    laws.test_a_training_step_with_masks_goes_down_the_gradient_of_the_steps_that_count()
