"""Checks that need no twin: backward is the derivative of forward, and the laws of the modes."""

import numpy as np

from tests.kernels.cells import test_lstm as lstm
from tests.kernels.layers import test_dropout as dropout
from tests.layers import test_state as state
from tests.layers import test_state_batches as batches
from tests.layers import test_state_laws as laws
from tests.models import MODES, Draw, random_states
from tests.planted_bugs.checks import mirrors, rng
from tests.tolerances import DIFFERENCES, NAIVE, assert_close
from tinylstm import LSTM, Dense, Dropout, gradient_check, reference

# Central differences.


def assert_slopes(mode, masked=False, go_backwards=False):
    """Backward gives the slope along a random direction in every array that forward reads.

    Of sum(dy * y) + sum(dstates * final states), where stateful layers start from given states.
    """
    d = Draw((4, 3, 1, 2, 5), 1)
    options = {"return_sequences": True, "go_backwards": go_backwards, **MODES[mode]}
    model = d.model(LSTM(d.H, **options), LSTM(d.K, **options))
    states = random_states(model, d.B, d.rng) if mode == "stateful" else None
    dstates = random_states(model, 1 if mode == "batch_carried" else d.B, d.rng)
    x, dy = d.x(), d.rng.normal(size=(d.B, d.T, d.K))
    mask = d.rng.random((d.B, d.T)) < 0.6 if masked else None

    def projection():
        y, final = model.forward(x, states, mask, return_states=True)
        pairs = [(a, b) for name in final for a, b in zip(final[name], dstates[name], strict=True)]
        return np.sum(y * dy) + sum(np.sum(a * b) for a, b in pairs)

    projection()
    gradients = model.backward(dy, dstates)
    pairs = [(gradients.x, x)]
    for layer in model.layers:
        arrays = model.views(layer, model.theta)
        pairs += [(gradients[layer.name][name], array) for name, array in arrays.items()]
        if states:
            pairs += zip(gradients.states[layer.name], states[layer.name], strict=True)
    directions = [d.rng.normal(size=array.shape) for _, array in pairs]
    found = [np.sum(pair[0] * way) for pair, way in zip(pairs, directions, strict=True)]
    wanted = [slope(projection, pair[1], way) for pair, way in zip(pairs, directions, strict=True)]
    assert_close(found, wanted, DIFFERENCES, "slopes along x, W, U, b (h0, c0), W, U, b (h0, c0)")


def slope(function, array, direction):
    """How fast function(), which reads the array, grows along a direction."""
    start, steps = array.copy(), np.zeros(1)

    def moved():
        array[...] = start + steps * direction
        return function()

    (slope,) = reference.finite_difference(moved, steps)
    array[...] = start
    return slope


@mirrors(
    "kernels/layers/test_gradients.py::test_lstm_of_every_mode",
    "kernels/layers/test_gradients.py::test_stacked_lstms",
)
def differences_stateless():
    assert_slopes("stateless")


@mirrors("kernels/layers/test_gradients.py::test_random_projections_of_outputs_and_final_states")
def differences_stateful():
    assert_slopes("stateful")


@mirrors("kernels/layers/test_gradients.py::test_random_projections_of_a_carried_batch")
def differences_batch_carried():
    assert_slopes("batch_carried")


@mirrors("kernels/layers/test_gradients.py::test_random_projections_of_outputs_and_final_states")
def differences_backwards():
    assert_slopes("stateless", go_backwards=True)


@mirrors("kernels/layers/test_gradients.py::test_masked_steps")
def differences_masked():
    assert_slopes("stateful", masked=True)


def agree(d, model, y, **options):
    """`gradient_check` of a model finds no error."""
    report = gradient_check(model, d.x(), y, **options)
    errors = [difference.error for difference in report]
    assert_close(errors, np.zeros(len(report)), DIFFERENCES, report.worst.name)


@mirrors("kernels/layers/test_gradients.py::test_lstm_of_every_mode_at_one_size")
def differences_by_gradient_check():
    d = Draw((2, 3, 1, 2, 4), 1)
    agree(d, d.model(LSTM(d.H, stateful=True), loss="mse"), d.rng.normal(size=(d.B, d.H)))


@mirrors("kernels/layers/test_gradients.py::test_dropout_with_its_masks_held")
def differences_dropout():
    d = Draw((2, 3, 1, 2, 4), 1)
    model = d.model(Dense(d.H), Dropout(0.4), Dense(d.K, "softmax"))
    agree(d, model, d.shares(d.B, d.T), training=True)


@mirrors("kernels/layers/test_lstm_dropout.py::test_gradients_with_masks_held")
def differences_thinned():
    d = Draw((2, 3, 1, 2, 4), 1)
    options = {"dropout": 0.3, "recurrent_dropout": 0.4}
    model = d.model(LSTM(d.H, **options, return_sequences=True), LSTM(d.K, **options), loss="mse")
    agree(d, model, d.rng.normal(size=(d.B, d.K)), training=True)


@mirrors("kernels/layers/test_gradients.py::test_every_loss_with_weights_of_samples")
def differences_losses():
    for loss in ("categorical_crossentropy", "binary_crossentropy"):  # of logits, of outputs
        d = Draw((2, 3, 1, 2, 4), 1)
        model = d.model(Dense(d.K, "softmax"), loss=loss)
        agree(d, model, d.shares(d.B, d.T), sample_weight=d.rng.random(d.B) + 0.1)


# Laws of the state modes.


@mirrors("layers/test_state_laws.py::test_a_stateless_batch_is_its_samples_one_by_one_in_any_order")
def law_samples():
    laws.check_stateless(laws.one())


@mirrors("layers/test_state_laws.py::test_a_long_stateful_sequence_is_its_chunks_carried_on")
def law_chunks():
    laws.check_chunks(laws.one())


@mirrors("layers/test_state_laws.py::test_a_carried_batch_is_one_long_sequence")
def law_batch_carried():
    for return_sequences in (False, True):
        laws.check_carried_batch(laws.one(), return_sequences)


@mirrors("layers/test_state_laws.py::test_rows_never_mix")
def law_rows():
    for mode in ("stateless", "stateful"):
        laws.test_rows_never_mix(mode)


@mirrors("layers/test_state_laws.py::test_a_reset_of_rows_cuts_exactly_those_rows")
def law_reset():
    laws.test_a_reset_of_rows_cuts_exactly_those_rows([0, 3])


@mirrors("layers/test_state.py::test_calls_that_carry_the_state_on")
def law_calls():
    for call in ("predict", "fit"):
        state.test_calls_that_carry_the_state_on(state.Stream(), call)


@mirrors(
    "against_keras/test_state.py::test_stateful_calls_carry_on_and_a_reset_begins_anew_as_in_keras"
)
def law_mixed_stack():
    """Above a layer that carries, a stateless one begins every batch with zeros."""
    d = Draw((4, 3, 1, 2, 5), 1)
    lower, upper = LSTM(d.H, return_sequences=True, stateful=True), LSTM(d.K)
    model = d.model(lower, upper, loss="mse")
    zeros = {upper.name: np.zeros((2, d.B, d.K))}
    for x in (d.x(), d.x()):
        wanted = model.forward(x, model.get_states() | zeros)
        assert_close(model.predict(x, batch_size=d.B), wanted, NAIVE["float64"])


# Laws of epochs, of the workspace and of random numbers.


@mirrors(
    "layers/test_state_batches.py::test_resetting_after_each_epoch_is_the_loop_of_the_tutorials"
)
def law_reset_after_epochs():
    batches.test_resetting_after_each_epoch_is_the_loop_of_the_tutorials(batches=1, callbacks=[])


@mirrors("layers/test_state_batches.py::test_shuffling_visits_every_sample_once_an_epoch")
def law_shuffling():
    batches.test_shuffling_visits_every_sample_once_an_epoch()


@mirrors("kernels/cells/test_lstm.py::test_a_used_workspace_and_a_second_pass_change_no_bit")
def law_workspace():
    for mode in ("stateless", "batch_carried"):
        lstm.test_a_used_workspace_and_a_second_pass_change_no_bit(rng(), mode, "float64")


@mirrors("kernels/cells/test_lstm.py::test_gates_in_the_place_of_z_change_no_bit")
def law_places():
    for B in (1, 2):
        for options in ({"return_sequences": True}, {"stateful": True}):
            lstm.test_gates_in_the_place_of_z_change_no_bit(rng(), B, 3, options)


@mirrors("kernels/layers/test_dropout.py::test_each_update_draws_a_new_mask_and_prediction_none")
def law_dropout():
    dropout.test_each_update_draws_a_new_mask_and_prediction_none(rng())
