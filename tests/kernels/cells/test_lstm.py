"""Every array that the LSTM kernels write equals the naive twin's."""

import math
from unittest import mock

import numpy as np
import pytest
from tinylstm.kernels.layers.memory import GROUP, PLANE
from tinylstm.kernels.products.matrix import BLOCKS_FROM, IN_PLACE, ROWS_AT_ONCE, ROWS_IN_ALL
from tinylstm.kernels.tables import HOLD, RESTART

from tests.models import MODES, random_states, randomize, run_recurrent
from tests.tolerances import NAIVE, assert_close
from tinylstm import LSTM, Dense, Masking, Sequential, reference
from tinylstm.engine.program import Program
from tinylstm.layers import rnn

uncompiled = pytest.mark.uncompiled
ACTIVATIONS = ("linear", "tanh", "sigmoid", "relu", "hard_sigmoid", "hard_sigmoid_keras2")
SIZE = 3, 5, 2, 4  # B, T, D, H: all different
SIZES = [  # every remainder of 4, and both sides of 8, 16 and 32
    *((2, 3, 5, 4), (3, 4, 2, 1), (4, 3, 1, 2), (1, 5, 4, 3), (1, 4, 3, 2), (1, 8, 2, 3)),
    *((2, 4, 1, 3), (5, 3, 7, 6), (6, 4, 9, 7), (7, 3, 6, 8), (8, 5, 10, 9), (9, 3, 15, 16)),
    *((15, 4, 16, 17), (16, 3, 17, 31), (17, 4, 8, 33)),
]


def sizes_at_blocks(B, T, gates=4):
    """Sizes on both sides of where products of B rows, and of all T * B, are done in blocks.

    H decides for h_prev U and dz U' of a step, D for x W, dW and dx of all steps.
    """
    H = math.isqrt((BLOCKS_FROM - 1) // (gates * B)) + 1
    D = -(-BLOCKS_FROM // (2 * gates * T * B))
    return [(B, T, 11, H), (B, T, 11, H - 1), (B, T, D, 2), (B, T, D - 1, 2)]


SIZES_AT_BLOCKS = [
    *sizes_at_blocks(10, 3),
    *sizes_at_blocks(ROWS_AT_ONCE, ROWS_IN_ALL // ROWS_AT_ONCE),
    *sizes_at_blocks(ROWS_AT_ONCE, ROWS_IN_ALL // ROWS_AT_ONCE - 1),
    *sizes_at_blocks(ROWS_AT_ONCE - 1, 5),
    *sizes_at_blocks(ROWS_IN_ALL, 1),
    *sizes_at_blocks(ROWS_IN_ALL - 1, 1),
    *sizes_at_blocks(ROWS_IN_ALL, 2),
    *sizes_at_blocks(ROWS_IN_ALL // 3, 3),  # T * B is one less
    # U, and W, as large as what is read in place, and larger
    *((2, 3, 5, math.isqrt(IN_PLACE // 4)), (2, 3, 5, math.isqrt(IN_PLACE // 4) + 1)),
    *((4, 4, IN_PLACE // 80, 20), (4, 4, IN_PLACE // 80 + 1, 20)),
    # gate math of some rows after the others
    *((PLANE // 30 + 2, 2, 3, 30), (5, 3, 2, PLANE // 3)),
]


class Case:
    """A layer of one mode with random weights, state, input, flags and upstream gradients."""

    kind = LSTM

    def __init__(self, rng, sizes, dtype="float64", mode="stateless", **options):
        B, T, D, H = sizes
        layer = self.kind(H, input_shape=(T, D), name="lstm", **MODES[mode], **options)
        self.model = randomize(Sequential([layer], dtype=dtype), rng)
        self.layer, self.dtype, self.chained = layer, dtype, mode == "batch_carried"
        rows = 1 if self.chained else B
        self.x, self.flags = rng.normal(size=(B, T, D)), np.zeros((B, T), np.int8)
        self.states = random_states(self.model, rows, rng) if mode == "stateful" else None
        self.dy = rng.normal(size=(B, T, H) if layer.return_sequences else (B, H))
        self.dstates = random_states(self.model, rows, rng)

    def found(self):
        return run_recurrent(self.model, self.x, self.states, self.flags, self.dy, self.dstates)

    def expected(self):
        """The same arrays by the twin, with the weights as the layer's dtype has rounded them."""
        layer, (B, T, _) = self.layer, self.x.shape
        W, U, *bias = (array.astype(np.float64) for array in layer.get_weights())
        b = bias[0] if bias else np.zeros(4 * layer.units)
        flags = self.flags & HOLD > 0, self.flags & RESTART > 0
        options = {name: getattr(layer, name) for name in ("activation", "recurrent_activation")}
        dy = self.dy
        if not layer.return_sequences:
            dy = np.zeros((B, T, layer.units))
            dy[:, -1] = self.dy
        start, last = [np.zeros((B, layer.units))] * 2, self.dstates["lstm"]
        if self.states is not None:
            start = self.states["lstm"]
        if self.chained:
            forward = reference.lstm_batch_carried_forward(self.x, W, U, b, *flags, **options)
            backward = reference.lstm_batch_carried_backward(
                self.x, W, U, forward, dy, *last, *flags, **options
            )
        else:
            options["go_backwards"] = layer.go_backwards
            forward = reference.lstm_forward(self.x, W, U, b, *start, *flags, **options)
            backward = reference.lstm_backward(self.x, W, U, forward, dy, *last, *flags, **options)
        result = forward | backward
        if not layer.return_sequences:
            result["y"] = result["y"][:, -1]
        if self.states is None:  # a start from zeros is a constant
            result["dh0"], result["dc0"] = (np.zeros_like(a) for a in last)
        return result

    def restarted_next(self):
        """Whether the step that is processed behind each (sample, step) restarts its row."""
        restarts = self.flags & RESTART > 0
        order = restarts.reshape(1, -1) if self.chained else restarts
        order = order[:, ::-1] if self.layer.go_backwards else order
        behind = np.zeros_like(order)
        behind[:, :-1] = order[:, 1:]
        behind = behind[:, ::-1] if self.layer.go_backwards else behind
        return behind.reshape(restarts.shape)

    def check(self):
        """Compare everything; z and gates only where a step ran: a held one does not use them.

        The states between two steps are as the later one finds them: zeros where it restarts.
        """
        found, expected = self.found(), self.expected()
        ran, goes_on = (self.flags & HOLD == 0)[..., None], ~self.restarted_next()[..., None]
        for name, array in found.items():
            wanted = expected[name]
            if name in ("z", *self.layer.cell.gates):
                array, wanted = array * ran, wanted * ran
            elif name in self.layer.state_names:
                wanted = wanted * goes_on
            assert_close(array, wanted, NAIVE[self.dtype], name)
        assert ("db" in found) == self.layer.use_bias


@uncompiled
@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("return_sequences", [False, True])
def test_all_arrays_equal_the_naive_twin(rng, mode, return_sequences, dtype):
    Case(rng, SIZE, dtype, mode, return_sequences=return_sequences).check()


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("sizes", SIZES, ids=str)
def test_sizes_of_every_remainder_equal_the_naive_twin(rng, sizes, dtype):
    for mode in MODES:
        Case(rng, sizes, dtype, mode, return_sequences=True).check()


@pytest.mark.parametrize("dtype", [pytest.param("float64", marks=uncompiled), "float32"])
@pytest.mark.parametrize("sizes", SIZES_AT_BLOCKS, ids=str)
def test_sizes_where_blocks_begin_equal_the_naive_twin(rng, sizes, dtype):
    case = Case(rng, sizes, dtype, "stateful", return_sequences=True)
    case.check()
    case.flags[...] = rng.integers(0, 4, case.flags.shape)
    case.check()


@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_without_a_bias_x_W_in_blocks_starts_from_zeros(rng, dtype):
    sizes = (4, 4, IN_PLACE // 80 + 1, 20)
    case = Case(rng, sizes, dtype, "stateful", return_sequences=True, use_bias=False)
    case.check()
    case.check()  # in a workspace that was used


@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_rows_wider_than_what_is_done_at_a_time_equal_the_naive_twin(rng, dtype):
    case = Case(rng, (2, 2, 3, PLANE + 1), dtype, "stateful", return_sequences=True)
    case.check()
    case.flags[...] = rng.integers(0, 4, case.flags.shape)
    case.check()


@uncompiled
@pytest.mark.parametrize("return_sequences", [False, True])
@pytest.mark.parametrize("mode", ["stateless", "stateful"])
def test_going_backwards_equals_the_naive_twin(rng, mode, return_sequences):
    options = {"go_backwards": True, "return_sequences": return_sequences}
    Case(rng, SIZE, "float64", mode, **options).check()
    Case(rng, SIZE, "float32", mode, **options).check()


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("recurrent_activation", ACTIVATIONS)
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_every_pair_of_activations_equals_the_naive_twin(
    rng, activation, recurrent_activation, dtype
):
    options = {"activation": activation, "recurrent_activation": recurrent_activation}
    case = Case(rng, SIZE, dtype, "stateful", return_sequences=True, **options)
    case.model.theta *= 0.5  # nothing bounds a linear cell
    case.check()


@uncompiled
def test_every_activation_equals_the_naive_twin(rng):
    for k, activation in enumerate(ACTIVATIONS):
        options = {"activation": activation, "recurrent_activation": ACTIVATIONS[k - 1]}
        Case(rng, (2, 3, 1, 4), "float64", "stateful", **options).check()


@uncompiled
@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("mode", MODES)
def test_without_bias_equals_the_naive_twin(rng, mode, dtype):
    Case(rng, SIZE, dtype, mode, use_bias=False).check()


def leading(B, T):
    """Row b begins with b masked steps; the last row is masked as a whole."""
    steps = np.minimum(np.arange(B), T)
    steps[-1] = T
    return np.arange(T) < steps[:, None]


FLAGS = {
    "random mask": lambda rng, B, T: HOLD * (rng.random((B, T)) < 0.4),
    "leading mask, last row masked": lambda rng, B, T: HOLD * leading(B, T),
    "trailing mask": lambda rng, B, T: HOLD * leading(B, T)[:, ::-1],
    "all masked": lambda rng, B, T: np.full((B, T), HOLD),
    "restart of all rows in mid-sequence": lambda rng, B, T: RESTART * (np.arange(T) == T // 2),
    "restart of some rows": lambda rng, B, T: RESTART * (rng.random((B, T)) < 0.3),
    "restart at the first and the last step": lambda rng, B, T: RESTART * (np.arange(T) % 4 == 0),
    "everything at random": lambda rng, B, T: rng.integers(0, 4, (B, T)),
}


@uncompiled
@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("kind", FLAGS)
def test_masks_and_restarts_equal_the_naive_twin(rng, kind, mode):
    for dtype in ("float64", "float32"):
        for return_sequences in (True, False):
            case = Case(rng, (4, 5, 3, 2), dtype, mode, return_sequences=return_sequences)
            case.flags[...] = FLAGS[kind](rng, 4, 5)
            case.check()


@pytest.mark.parametrize("kind", FLAGS)
def test_masks_and_restarts_going_backwards_equal_the_naive_twin(rng, kind):
    for mode in ("stateless", "stateful"):
        case = Case(rng, (4, 5, 3, 2), mode=mode, go_backwards=True, return_sequences=True)
        case.flags[...] = FLAGS[kind](rng, 4, 5)
        case.check()


def soiled(case, rng):
    """The case again, in a workspace and with gradients that are full of other numbers."""

    def used(*arguments, **options):
        program = Program(*arguments, **options)
        program.work[:] = 1e3 * rng.normal(size=program.work.shape)
        return program

    case.model.grad[:] = 1e3 * rng.normal(size=case.model.grad.shape)
    with mock.patch("tinylstm.engine.study.Program", used):
        return case.found()


def check_used(case, rng):
    """Random flags: a second pass, and one in a used workspace, have the bits of the first."""
    case.flags[...] = rng.integers(0, 4, case.flags.shape)
    first, second, third = case.found(), case.found(), soiled(case, rng)
    ran = (case.flags & HOLD == 0)[..., None]
    for name, array in first.items():
        used = ran if name in ("z", *case.layer.cell.gates) else True
        np.testing.assert_array_equal(second[name], array, name)
        np.testing.assert_array_equal(np.where(used, third[name], array), array, name)


def check_groups(layer, rng):
    """What is traced has the bits of passes that keep nothing, of x W in groups."""
    B, D = 16, 3
    T = GROUP // (layer.columns * B) + 6  # x W of all steps at once would not stay in the cache
    model = randomize(Sequential([Masking(input_shape=(T, D)), layer, Dense(2)]), rng)
    x = rng.normal(size=(B, T, D)) * (rng.random((B, T, 1)) > 0.2)
    traced = model.trace(x).y
    gradients = model.backward(np.ones_like(traced))
    expected = {name: array.copy() for name, array in gradients[layer.name].items()}
    np.testing.assert_array_equal(model.forward(x), traced)
    for name, array in model.backward(np.ones_like(traced))[layer.name].items():
        np.testing.assert_array_equal(array, expected[name], name)
    np.testing.assert_array_equal(model.predict(x, batch_size=B, verbose=0), traced)
    np.testing.assert_array_equal(model.predict(x[:3], batch_size=B, verbose=0), traced[:3])


def check_zeros(case, rng):
    """Random flags, nothing comes back: each gradient is zero, whatever lay in its place."""
    case.flags[...] = rng.integers(0, 4, case.flags.shape)
    case.dy[...] = 0
    case.dstates = None
    for name, array in soiled(case, rng).items():
        if name.startswith("d"):
            np.testing.assert_array_equal(array, np.zeros_like(array), name)


@uncompiled
@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("mode", MODES)
def test_a_used_workspace_and_a_second_pass_change_no_bit(rng, mode, dtype):
    for sizes in (SIZE, SIZES_AT_BLOCKS[1]) if mode == "stateful" else (SIZE, (1, 1, 2, 3)):
        check_used(Case(rng, sizes, dtype, mode, return_sequences=True), rng)


@uncompiled
@pytest.mark.parametrize("mode", MODES)
def test_a_zero_upstream_gradient_gives_exactly_zero(rng, mode):
    check_zeros(Case(rng, SIZE, "float32", mode, return_sequences=True), rng)


@pytest.mark.parametrize("go_backwards", [False, True])
def test_steps_in_groups_and_places_in_turn_change_no_bit(rng, go_backwards):
    check_groups(LSTM(64, return_sequences=True, go_backwards=go_backwards), rng)


@pytest.mark.parametrize("H", [1, 15, 16, 17, 31, 64, PLANE // 3])
@pytest.mark.parametrize("B", [1, 2, 5])
@pytest.mark.parametrize("options", [{}, {"return_sequences": True}, {"stateful": True}], ids=str)
def test_gates_in_the_place_of_z_change_no_bit(rng, B, H, options):
    layer = LSTM(H, batch_input_shape=(B, 4, 3), **options)
    model = randomize(Sequential([Masking(batch_input_shape=(B, 4, 3)), layer]), rng)
    x = rng.normal(size=(B, 4, 3)) * (rng.random((B, 4, 1)) > 0.3)
    traced = model.trace(x).y
    for _ in range(2):  # the state goes on, where it is carried
        kept = model.forward(x)
        model.reset_states()
        np.testing.assert_array_equal(kept, traced)
        np.testing.assert_array_equal(model.predict(x, batch_size=B, verbose=0), traced)
        model.reset_states()


@uncompiled
@pytest.mark.parametrize("options", [{}, {"go_backwards": True}, {"stateful": True}], ids=str)
def test_groups_of_two_steps_equal_the_naive_twin(rng, options):
    sizes = B, _, _, H = 3, 7, 2, 4
    case = Case(rng, sizes, return_sequences=True, **options)
    expected = case.expected()
    with mock.patch.object(rnn, "GROUP", 2 * B * 4 * H):
        y = case.model.forward(case.x)
        gradients = case.model.backward(case.dy)
        predicted = case.model.predict(case.x, batch_size=B, verbose=0)
    assert_close(y, expected["y"], NAIVE["float64"], "y")
    assert_close(predicted, expected["y"], NAIVE["float64"], "predicted")
    if not case.layer.stateful:
        case.dstates["lstm"] = [np.zeros_like(a) for a in case.dstates["lstm"]]
        expected = case.expected()
        for name, tensor in (("dW", "kernel"), ("dU", "recurrent_kernel")):
            assert_close(gradients["lstm"][tensor], expected[name], NAIVE["float64"], name)


@uncompiled
@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_tracing_a_pass_changes_no_bit_of_its_results(rng, dtype):
    case = Case(rng, SIZE, dtype, "stateful")
    traced = case.found()
    np.testing.assert_array_equal(case.model.forward(case.x, case.states), traced["y"])
    gradients = case.model.backward(case.dy, case.dstates)
    np.testing.assert_array_equal(gradients.x, traced["dx"])
    for name, tensor in (("dW", "kernel"), ("dU", "recurrent_kernel"), ("db", "bias")):
        np.testing.assert_array_equal(gradients["lstm"][tensor], traced[name], name)
    for array, name in zip(gradients.states["lstm"], ("dh0", "dc0"), strict=True):
        np.testing.assert_array_equal(array, traced[name], name)
