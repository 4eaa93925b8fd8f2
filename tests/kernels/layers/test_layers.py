"""Masking, Embedding, RepeatVector, Reshape, Flatten and Bidirectional equal the naive twin.

In the layouts of all state modes: samples side by side, end to end, and both.
"""

import numpy as np
import pytest
from tinylstm.kernels.tables import HOLD

from tests.models import MODES, randomize
from tests.tolerances import NAIVE, assert_close
from tinylstm import (
    LSTM,
    Bidirectional,
    Embedding,
    Flatten,
    Masking,
    RepeatVector,
    Reshape,
    Sequential,
    reference,
)
from tinylstm.engine.program import Program, compiled_passes, steps_of

pytestmark = pytest.mark.quick
uncompiled = pytest.mark.uncompiled
DTYPES = ["float64", "float32"]
N, T, D, K, V = 6, 4, 3, 5, 7  # samples, steps, features, units, words
LAYOUTS = pytest.mark.parametrize(
    ("rows", "chain"), [(N, 1), (1, N), (2, 3)], ids=["side by side", "end to end", "both"]
)
DTYPE = pytest.mark.parametrize("dtype", DTYPES)


class Alone:
    """One layer's kernels on samples (N, T, D) or (N, D), laid out as `rows` sequences of `chain`
    samples each; where they are to write, other numbers stand before."""

    def __init__(self, layer, x, rows, chain, dtype):
        self.layer, self.rows, self.chain = layer, rows, chain
        self.model = Sequential([layer], dtype=dtype)
        self.model.build((None, *x.shape[1:]))
        randomize(self.model, np.random.default_rng(3))
        x = x[..., None] if layer.reads_numbers else x
        steps = x.shape[1] if x.ndim == 3 else 1
        place = self.model.network, [layer], steps, rows, chain
        self.program = program = Program(*place, study=True)
        program.set_backward()
        program.batch["rows"], program.batch["chain"] = rows, chain
        program.work[:] = np.nan
        self.model.grad[:] = 7
        program.flags[:] = -1
        self.x_shape = x.shape
        self.shape = (len(x), *layer.output_shape(x.shape[1:]))
        self.put(program.plan["x"], x)
        self.forward, self.backward = compiled_passes(self.model.dtype)

    def laid_out(self, a):
        """(N, T, ...) in the order of the kernels: sample l * B + r is link l of row r."""
        links = a.reshape(self.chain, self.rows, *a.shape[1:])
        return links.swapaxes(1, 2).reshape(-1, *a.shape[2:])

    def back(self, rows, steps):
        """What `laid_out` does, undone."""
        links = rows.reshape(self.chain, steps, self.rows, *rows.shape[1:])
        return links.swapaxes(1, 2).reshape(N, steps, *rows.shape[1:])

    def put(self, place, a):
        a = self.laid_out(a if a.ndim == 3 else a[:, None])
        self.program.view(int(place[0]), a.shape)[...] = a

    def array(self, place, shape):
        """The array (N, ...) that lies at a place of the workspace."""
        steps = steps_of(shape[1:])
        rows = self.program.view(int(place[0]), (N * steps, shape[-1]))
        return self.back(rows, steps).reshape(shape).copy()

    def run(self, hold, dy):
        """Forward with flags (N, T) of the input, and backward; returns y, dx."""
        program, model = self.program, self.model
        flags = self.laid_out((HOLD * hold).astype(np.int8))
        program.flags[: len(flags)] = flags
        tables = program.table, 1, program.batch, program.flags, model.theta
        self.forward(*tables, program.work)
        self.put([program.dy], dy)
        self.backward(*tables, model.grad, program.work)
        row = program.table
        return self.array(row["y"], self.shape), self.array(row["dx"], self.x_shape)

    def held(self):
        """The flags of the output, (N, T_y)."""
        steps = steps_of(self.shape[1:])
        rows = self.program.flags[int(self.program.table["y_flags"][0]) :][: N * steps]
        return self.back(rows, steps) & HOLD > 0


@uncompiled
@DTYPE
@LAYOUTS
def test_masking_equals_the_naive_twin(rng, rows, chain, dtype):
    x, dy, hold = rng.normal(size=(N, T, D)), rng.normal(size=(N, T, D)), rng.random((N, T)) < 0.3
    x[0, 0] = x[1, 1:3] = x[2, 3] = x[3] = 0.5
    x[4, 0, 1:] = 0.5  # but not the first feature
    alone = Alone(Masking(0.5), x, rows, chain, dtype)
    y, dx = alone.run(hold, dy)
    ref_y, masked = reference.masking_forward(x, 0.5)
    assert masked.sum() == 1 + 2 + 1 + T
    assert_close(y, ref_y, NAIVE[dtype], "y")
    assert_close(dx, reference.masking_backward(dy, masked), NAIVE[dtype], "dx")
    np.testing.assert_array_equal(alone.held(), hold | masked)


@uncompiled
@DTYPE
def test_a_mask_value_is_compared_in_the_dtype_of_the_model(dtype):
    x = np.full((N, T, D), 0.1)
    alone = Alone(Masking(0.1), x, N, 1, dtype)
    y, _ = alone.run(np.zeros((N, T), bool), x)
    assert alone.held().all()
    assert not y.any()


@uncompiled
@pytest.mark.parametrize("mask_zero", [False, True])
@DTYPE
@LAYOUTS
def test_embedding_equals_the_naive_twin(rng, rows, chain, dtype, mask_zero):
    x, dy, hold = rng.integers(0, 4, (N, T)), rng.normal(size=(N, T, K)), rng.random((N, T)) < 0.3
    alone = Alone(Embedding(V, K, mask_zero=mask_zero), x, rows, chain, dtype)
    (E,) = (w.astype(np.float64) for w in alone.model.get_weights())
    y, _ = alone.run(hold, dy)
    assert_close(y, reference.embedding_forward(x, E), NAIVE[dtype], "y")
    dE = reference.embedding_backward(x, E, dy)
    assert (dE[4:] == 0).all()
    assert (dE[:4] != 0).all()  # some words stand in several places, and some in none
    found = alone.model.views(alone.layer, alone.model.grad)["embeddings"]
    assert_close(found, dE, NAIVE[dtype], "dE")
    assert (x == 0).any()
    if mask_zero:
        np.testing.assert_array_equal(alone.held(), hold | (x == 0))
    else:
        np.testing.assert_array_equal(alone.held(), hold)


@uncompiled
@DTYPE
@LAYOUTS
def test_repeat_vector_equals_the_naive_twin(rng, rows, chain, dtype):
    x, dy = rng.normal(size=(N, K)), rng.normal(size=(N, T, K))
    y, dx = Alone(RepeatVector(T), x, rows, chain, dtype).run(np.zeros((N, 1), bool), dy)
    assert_close(y, reference.repeat_forward(x, T), NAIVE[dtype], "y")
    assert_close(dx, reference.repeat_backward(dy), NAIVE[dtype], "dx")


@uncompiled
@pytest.mark.parametrize(
    ("layer", "shape", "target"),
    [
        (lambda: Reshape((2, 6)), (T, D), (2, 6)),
        (lambda: Reshape((-1, 2)), (T, D), (6, 2)),
        (lambda: Reshape((12,)), (T, D), (12,)),
        (Flatten, (T, D), (12,)),
        (Flatten, (K,), (K,)),
        (lambda: Reshape((K, -1)), (K,), (K, 1)),
    ],
    ids=["fewer steps", "more steps", "no steps", "flatten", "flatten features", "to steps"],
)
@DTYPE
@LAYOUTS
def test_reshape_and_flatten_equal_the_naive_twin(rng, rows, chain, dtype, layer, shape, target):
    x, dy = rng.normal(size=(N, *shape)), rng.normal(size=(N, *target))
    alone = Alone(layer(), x, rows, chain, dtype)
    hold = rng.random((N, steps_of(shape))) < 0.5
    y, dx = alone.run(hold, dy)
    assert_close(y, reference.reshape(x, target), NAIVE[dtype], "y")
    assert_close(dx, reference.reshape(dy, shape), NAIVE[dtype], "dx")
    assert alone.program.plan["masked"][0] == 0  # the mask ends here


class Directions:
    """A Bidirectional from its equations: two naive LSTMs and their merged outputs."""

    def __init__(self, weights, mode, x, states, hold, return_sequences):
        self.x, self.mode, self.hold, self.sequences = x, mode, hold, return_sequences
        self.weights = weights[:3], weights[3:]
        self.made = [
            reference.lstm_forward(x, *w, *start, hold=hold, go_backwards=backwards)
            for w, start, backwards in zip(self.weights, states, (False, True), strict=True)
        ]
        a, b = (made["y"] for made in self.made)
        self.outputs = (a, reference.last_step_first(b)) if self.sequences else (a[:, -1], b[:, -1])
        self.y = reference.merge_forward(*self.outputs, mode)
        if self.sequences:
            self.y[hold] = 0.0

    def backward(self, dy, dstates):
        """dx, and the gradients of both directions' weights and first states."""
        if self.sequences:
            dy = np.where(self.hold[..., None], 0.0, dy)  # y = 0, a constant
        da, db = reference.merge_backward(*self.outputs, dy, self.mode)
        if self.sequences:
            steps = da, reference.last_step_first(db)
        else:
            steps = []
            for d in (da, db):
                steps.append(np.zeros_like(self.made[0]["y"]))
                steps[-1][:, -1] = d
        return [
            reference.lstm_backward(
                *(self.x, W, U, made, d, *dlast), hold=self.hold, go_backwards=backwards
            )
            for (W, U, _), made, d, dlast, backwards in zip(
                self.weights, self.made, steps, dstates, (False, True), strict=True
            )
        ]


def check_bidirectional(rng, mode, state_mode, return_sequences, dtype):
    inner = LSTM(K, return_sequences=return_sequences, **MODES[state_mode])
    layer = Bidirectional(inner, merge_mode=mode, input_shape=(T, D), name="both")
    model = randomize(Sequential([layer], dtype=dtype), rng)
    names = [part.name for part in model.state.layers]
    assert names == ["both/forward_lstm", "both/backward_lstm"]
    states, dstates = ([rng.normal(size=(2, N, K)) for _ in names] for _ in range(2))
    x, mask = rng.normal(size=(N, T, D)), rng.random((N, T)) < 0.7
    mask[0] = False
    weights = [w.astype(np.float64) for w in model.get_weights()]
    twin = Directions(weights, mode, x, states, ~mask, return_sequences)
    y, final = model.forward(x, dict(zip(names, states, strict=True)), mask, return_states=True)
    assert_close(y, twin.y, NAIVE[dtype], "y")
    dy = rng.normal(size=y.shape)
    grads = model.backward(dy, dict(zip(names, dstates, strict=True)))
    found = twin.backward(dy, dstates)
    assert_close(grads.x, found[0]["dx"] + found[1]["dx"], NAIVE[dtype], "dx")
    for name, made, back, way in zip(names, twin.made, found, ("forward", "backward"), strict=True):
        for a, b in zip(final[name], (made["hT"], made["cT"]), strict=True):
            assert_close(a, b, NAIVE[dtype], f"last state, {way}")
        for a, b in zip(grads.states[name], (back["dh0"], back["dc0"]), strict=True):
            assert_close(a, b, NAIVE[dtype], f"first state, {way}")
        tensors = {"kernel": "dW", "recurrent_kernel": "dU", "bias": "db"}
        for tensor, gradient in tensors.items():
            a = grads["both"][f"{way}_{tensor}"]
            assert_close(a, back[gradient], NAIVE[dtype], f"{way} {tensor}")


@uncompiled
@DTYPE
@pytest.mark.parametrize("return_sequences", [False, True])
@pytest.mark.parametrize("state_mode", ["stateless", "stateful"])
@pytest.mark.parametrize("mode", ["concat", "sum", "mul", "ave"])
def test_both_directions_equal_the_naive_twin(rng, mode, state_mode, return_sequences, dtype):
    check_bidirectional(rng, mode, state_mode, return_sequences, dtype)
