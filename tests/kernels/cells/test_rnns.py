"""Every array that the kernels write for a GRU and a SimpleRNN equals the naive twin's."""

from functools import partial

import numpy as np
import pytest
from tinylstm.kernels.layers.memory import PLANE
from tinylstm.kernels.products.matrix import ROWS_AT_ONCE, ROWS_IN_ALL
from tinylstm.kernels.tables import HOLD, RESTART

from tests.kernels.cells.test_lstm import (
    ACTIVATIONS,
    FLAGS,
    SIZE,
    SIZES,
    Case,
    check_groups,
    check_used,
    check_zeros,
    sizes_at_blocks,
)
from tests.models import MODES
from tests.tolerances import NAIVE, assert_close
from tinylstm import GRU, SimpleRNN
from tinylstm.reference import as_one_sample, network

pytestmark = pytest.mark.quick
uncompiled = pytest.mark.uncompiled
DTYPES = pytest.mark.parametrize("dtype", ["float64", "float32"])


class CaseOfOneState(Case):
    """A layer whose state is h alone."""

    def expected(self):
        layer, (B, T, _) = self.layer, self.x.shape
        forward, backward, functions = network.TWINS[layer.cell.name]
        W, U, *bias = (array.astype(np.float64) for array in layer.get_weights())
        columns = W.shape[1]
        b = bias[0] if bias else np.zeros((2, columns) if layer.cell.apart else columns)
        options = {name: getattr(layer, name) for name in functions}
        options["go_backwards"] = layer.go_backwards
        dy = self.dy
        if not layer.return_sequences:
            dy = np.zeros((B, T, layer.units))
            dy[:, -1] = self.dy
        flags = self.flags & HOLD > 0, self.flags & RESTART > 0
        x, dy, *flags = (as_one_sample(a) if self.chained else a for a in (self.x, dy, *flags))
        last = self.dstates["lstm"] if self.dstates else [np.zeros((len(x), layer.units))]
        start = self.states["lstm"] if self.states else [np.zeros_like(last[0])]
        made = forward(x, W, U, b, *start, *flags, **options)
        result = made | backward(x, W, U, made, dy, *last, *flags, **options)
        of_rows = "hT", "dh0", "dW", "dU", "db"
        result = {k: a if k in of_rows else a.reshape(B, T, -1) for k, a in result.items()}
        if not layer.return_sequences:
            result["y"] = result["y"][:, -1]
        if self.states is None:  # a start from zeros is a constant
            result["dh0"] = np.zeros_like(last[0])
        return result


class CaseOfGRU(CaseOfOneState):
    """A GRU."""

    kind = GRU


class CaseOfSimpleRNN(CaseOfOneState):
    """A SimpleRNN."""

    kind = SimpleRNN


class CaseOfGRUResetBefore(CaseOfOneState):
    """A GRU whose reset gate stands before the product with U."""

    kind = partial(GRU, reset_after=False)


CASES = CaseOfGRU, CaseOfGRUResetBefore, CaseOfSimpleRNN
EACH = pytest.mark.parametrize("case_of", CASES, ids=lambda case: case.__name__[6:])
AT_BLOCKS = {
    gates: [
        *sizes_at_blocks(10, 3, gates),
        *sizes_at_blocks(ROWS_AT_ONCE, ROWS_IN_ALL // ROWS_AT_ONCE, gates),
        *sizes_at_blocks(ROWS_AT_ONCE - 1, 5, gates),
        *sizes_at_blocks(ROWS_IN_ALL // 3, 3, gates),
        (PLANE // 30 + 2, 2, 3, 30),  # a step of some rows after the others
    ]
    for gates in (3, 1)
}


@uncompiled
@DTYPES
@EACH
@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("return_sequences", [False, True])
def test_all_arrays_equal_the_naive_twin(rng, case_of, mode, return_sequences, dtype):
    case_of(rng, SIZE, dtype, mode, return_sequences=return_sequences).check()
    case_of(rng, SIZE, dtype, mode, return_sequences=return_sequences, use_bias=False).check()


@DTYPES
@EACH
@pytest.mark.parametrize("sizes", SIZES, ids=str)
def test_sizes_of_every_remainder_equal_the_naive_twin(rng, case_of, sizes, dtype):
    for mode in MODES:
        case_of(rng, sizes, dtype, mode, return_sequences=True).check()


@DTYPES
@pytest.mark.parametrize(
    ("case_of", "sizes"),
    [(case_of, s) for case_of, g in zip(CASES, (3, 3, 1), strict=True) for s in AT_BLOCKS[g]],
)
def test_sizes_where_blocks_begin_equal_the_naive_twin(rng, case_of, sizes, dtype):
    case = case_of(rng, sizes, dtype, "stateful", return_sequences=True)
    case.check()
    case.flags[...] = rng.integers(0, 4, case.flags.shape)
    case.check()


@uncompiled
@EACH
@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("kind", FLAGS)
def test_masks_and_restarts_equal_the_naive_twin(rng, case_of, kind, mode):
    for dtype in ("float64", "float32"):
        for return_sequences in (True, False):
            case = case_of(rng, (4, 5, 3, 2), dtype, mode, return_sequences=return_sequences)
            case.flags[...] = FLAGS[kind](rng, 4, 5)
            case.check()


@uncompiled
@EACH
@pytest.mark.parametrize("mode", ["stateless", "stateful"])
def test_going_backwards_equals_the_naive_twin(rng, case_of, mode):
    for return_sequences in (True, False):
        options = {"go_backwards": True, "return_sequences": return_sequences}
        case = case_of(rng, (4, 5, 3, 2), "float64", mode, **options)
        case.check()
        for flags in FLAGS.values():
            case.flags[...] = flags(rng, 4, 5)
            case.check()


@DTYPES
@pytest.mark.parametrize("recurrent_activation", ACTIVATIONS)
@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize("case_of", CASES[:2])
def test_every_pair_of_activations_of_a_gru_equals_the_naive_twin(
    rng, case_of, activation, recurrent_activation, dtype
):
    options = {"activation": activation, "recurrent_activation": recurrent_activation}
    case = case_of(rng, SIZE, dtype, "stateful", return_sequences=True, **options)
    case.model.theta *= 0.5  # nothing bounds a linear one
    case.check()


@uncompiled
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_every_activation_of_a_simple_rnn_equals_the_naive_twin(rng, activation):
    case = CaseOfSimpleRNN(rng, SIZE, mode="stateful", activation=activation)
    case.model.theta *= 0.5
    case.check()


@uncompiled
@DTYPES
@EACH
@pytest.mark.parametrize("mode", MODES)
def test_a_used_workspace_and_a_second_pass_change_no_bit(rng, case_of, mode, dtype):
    for sizes in (SIZE, (1, 1, 2, 3)):
        check_used(case_of(rng, sizes, dtype, mode, return_sequences=True), rng)


@uncompiled
@EACH
@pytest.mark.parametrize("mode", MODES)
def test_a_zero_upstream_gradient_gives_exactly_zero(rng, case_of, mode):
    check_zeros(case_of(rng, SIZE, "float32", mode, return_sequences=True), rng)


@EACH
@pytest.mark.parametrize("go_backwards", [False, True])
def test_steps_in_groups_and_places_in_turn_change_no_bit(rng, case_of, go_backwards):
    check_groups(case_of.kind(64, return_sequences=True, go_backwards=go_backwards), rng)


@EACH
def test_several_steps_of_a_trace_are_the_equations(rng, case_of):
    case = case_of(rng, SIZE, "float64", "stateful", return_sequences=True)
    names = "zgh" if case_of is CaseOfSimpleRNN else "urgh"
    trace = case.model.trace(case.x, case.states)["lstm"]
    assert {name for name in vars(trace) if not name.startswith("_")} == set(names)
    assert {name for name in dir(trace) if name in ("dz", "dh", "dc")} == {"dz", "dh"}
    assert_close(trace.h, case.expected()["h"], NAIVE["float64"], "h")
