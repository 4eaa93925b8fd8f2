"""Cells of a user's own under threads, in steppers, closed loops and traces, and on disk."""

import copy
import pickle

import numpy as np
import pytest
from numba.core.errors import NumbaError
from tinylstm.kernels.compiling import COMPILED

import tinylstm
from tests.kernels.threads.test_shared_rows import EVERY_ROW, shared
from tests.kernels.threads.test_together import TOGETHER, are_together
from tests.models import randomize
from tests.own_cells import CELLS, peephole
from tests.tolerances import THREADS, assert_close, bits
from tinylstm import RNN, Adam, Dense, Masking, Sequential, cell, gradient_check
from tinylstm.layers import layer as layers
from tinylstm.threads import how_many, sharing

T, D = 5, 3
EACH = pytest.mark.parametrize("name", CELLS)


@pytest.fixture(autouse=True)
def one_thread_afterwards():
    yield
    tinylstm.set_num_threads(None)


def made(name, units, count=1, dtype="float32", masked=False):
    tinylstm.set_num_threads(count)
    tinylstm.set_random_seed(5)
    first = [Masking(input_shape=(None, D))] if masked else []
    own = [RNN(CELLS[name][0], units, return_sequences=True), RNN(CELLS[name][0], 6)]
    model = Sequential([*first, *own], dtype=dtype)
    model.build((None, None, D))
    model.compile(Adam(0.01), "mse")
    return randomize(model, np.random.default_rng(2))


def data(rows):
    rng = np.random.default_rng(1)
    x, y = rng.normal(size=(rows, T, D)), rng.normal(size=(rows, 6))
    x[0, 2] = 0
    return x, y


def results(model, x, y, rows):
    """A prediction, and what a training leaves."""
    first = model.predict(x, rows)
    model.fit(x, y, rows, epochs=2, shuffle=False, verbose=0)
    return first, model.theta, model.predict(x, rows)


@EACH
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_threads_that_share_rows_do_what_one_does(name, dtype, monkeypatch):
    monkeypatch.setattr(how_many, "WORTH", 1)
    (x, y), found = data(7), {}
    for count in (1, 2, 3):
        model = made(name, 5, count, dtype, masked=True)
        batches = model.state.batches(7, 7)
        assert sharing.share_batches(model.network, (T, D), batches, True).threads == count
        found[count] = results(model, x, y, 7)
    for count in (2, 3):
        assert bits(found[count][0]) == bits(found[1][0])  # the prediction
        for a, b in zip(found[count], found[1], strict=True):
            assert_close(a, b, THREADS[dtype], "after some updates")


@pytest.mark.parametrize("name", [name for name in CELLS if name != "normalised"])
@pytest.mark.parametrize("masked", [False, True])
def test_threads_that_share_units_have_the_bits_of_one(name, masked, monkeypatch):
    for (module, attribute), value in EVERY_ROW.items():
        monkeypatch.setattr(module, attribute, value)
    x, y = data(2)

    def work(count):
        model = made(name, 40, count, masked=masked)
        found, helped = shared("float32", lambda: [bits(a) for a in results(model, x, y, 1)])
        assert helped == (count > 1)
        return found

    assert work(2) == work(3) == work(1)


@pytest.mark.parametrize("name", [name for name in CELLS if name != "normalised"])
def test_threads_together_in_a_wide_layer_have_the_bits_of_one(name, monkeypatch):
    for (module, attribute), value in TOGETHER.items():
        monkeypatch.setattr(module, attribute, value)
    x, y = data(4)
    found = []
    for count in (1, 2, 3):
        model = made(name, 40, count, masked=True)
        assert are_together(model, x, 4) == (count > 1)
        found.append([bits(a) for a in results(model, x, y, 4)])
    assert found[0] == found[1] == found[2]


def test_a_cell_whose_units_need_each_other_is_not_shared_by_units(monkeypatch):
    monkeypatch.setattr(layers, "WIDE", 1)
    tinylstm.set_num_threads(2)
    assert [made(name, 40, 2).layers[0].is_wide for name in ("normalised", "peephole")] == [0, 1]


@EACH
def test_a_stepper_does_what_predict_does(name):
    model = made(name, 5, dtype="float64")
    x, _ = data(3)
    stepper = model.stepper(3)
    for t in range(T):
        last = stepper(x[:, t]).copy()
    assert_close(last, model.predict(x), 1e-14, "y")


@EACH
def test_a_closed_loop_is_steps_that_are_fed_back(name):
    model = Sequential([RNN(CELLS[name][0], 5, input_shape=(None, D)), Dense(D)], dtype="float64")
    start = data(1)[0][0]
    given, x = model.generate(start, 4), list(start)
    for y in given:
        assert_close(model.predict(np.array([x]))[0], y, 1e-12, "y")
        x.append(y)


@pytest.mark.parametrize("name", ["peephole", "normalised"])
def test_a_trace_shows_gates_states_and_their_gradients(name):
    one, _ = CELLS[name]
    model = made(name, 5, dtype="float64")
    x, y = data(3)
    trace = model.trace(x)
    first = trace[model.layers[0].name]
    for vector in (*one.gates, *one.states):
        assert getattr(first, vector).shape == (3, T, 5)
    c_prev = np.concatenate([np.zeros((3, 1, 5)), first.c[:, :-1]], axis=1)
    assert_close(first.c, first.f * c_prev + first.i * first.g, 1e-14, "c")
    model.backward(y)
    assert first.dz.shape == (3, T, 20)
    assert all(np.abs(a).max() > 0 for a in (first.dh, first.dc, first.dz))


def test_a_gate_may_have_any_name():
    @cell(gates=["decay"], states=["data"])
    def named(decay, data):
        for j in range(len(data)):
            data[j] = decay[j]

    @named.backward
    def named_backward(ddata, ddecay):
        for j in range(len(ddata)):
            ddecay[j] = ddata[j]

    model = Sequential([RNN(named, 4, input_shape=(T, D))])
    x, _ = data(2)
    trace = model.trace(x)["rnn"]
    assert np.abs(trace.decay).max() > 0
    assert bits(trace.data[:, -1]) == bits(model.predict(x))
    model.backward(np.ones((2, 4)))
    assert_close(trace.ddata[:, -1], np.ones((2, 4)), 1e-6, "ddata")


@EACH
def test_weights_come_back_from_a_file(name, tmp_path):
    model, twin = made(name, 5), made(name, 5)
    randomize(twin, np.random.default_rng(9))
    x, _ = data(3)
    wanted = bits(model.predict(x))
    assert bits(twin.predict(x)) != wanted
    model.save_weights(tmp_path / "own.safetensors")
    twin.load_weights(tmp_path / "own.safetensors")
    assert bits(twin.predict(x)) == wanted
    assert list(model.layers[0].weights)[3:] == list(CELLS[name][0].vectors)


def test_copies_have_the_cell():
    layer = RNN(peephole, 3)
    for one in (pickle.loads(pickle.dumps(layer)), copy.deepcopy(layer), layer.copy()):
        assert one.cell is peephole
        assert one.calls == layer.calls


def test_parameters_of_ones_own_begin_as_the_cell_says():
    beginnings = {"p_i": "ones", "p_f": lambda shape, rng: np.arange(*shape), "p_o": "zeros"}
    own = cell(gates="ifgo", states="hc", kept=["phi_c"], vectors=beginnings)(peephole.step)
    own.backward(peephole.step_backward)
    layer = RNN(own, 3, input_shape=(T, D), trainable=False)
    model = Sequential([layer, Dense(1)])
    model.compile("sgd", "mse")
    assert [layer.weights[name].tolist() for name in beginnings] == [[1] * 3, [0, 1, 2], [0] * 3]
    model.fit(data(4)[0], np.ones(4), verbose=0)
    assert layer.weights["p_i"].tolist() == [1, 1, 1]


def test_a_wrong_derivative_is_found_and_named():
    def wrong_backward(
        i, f, g, o, c_prev, c, phi_c, p_i, p_f, p_o, dh, dc,
        di, df, dg, do, dphi_c, dc_prev, dp_i, dp_f, dp_o, phi, sigma,
    ):  # fmt: skip
        right(i, f, g, o, c_prev, c, phi_c, p_i, p_f, p_o, dh, dc,
              di, df, dg, do, dphi_c, dc_prev, dp_i, dp_f, dp_o, phi, sigma)  # fmt: skip
        for j in range(len(dp_o)):
            dp_o[j] += do[j] * c_prev[j]  # it is c

    right = tinylstm.kernels.inner(peephole.step_backward)
    options = {"gates": "ifgo", "states": "hc", "kept": ["phi_c"], "vectors": peephole.vectors}
    wrong = cell(**options)(peephole.step)
    wrong.backward(wrong_backward)
    rng = np.random.default_rng(3)
    model = Sequential([RNN(wrong, 4, input_shape=(T, D)), Dense(1)], dtype="float64")
    model.compile(loss="mse")
    report = gradient_check(randomize(model, rng), rng.normal(size=(3, T, D)), rng.normal(size=3))
    assert [one.name for one in report if one.error > 1e-7] == ["rnn/p_o"]
    assert "WRONG" in str(report)


def test_cells_of_one_name_do_not_mix():
    """Nor does a step backward that is written anew, as in a notebook, change a model that is."""

    def scaled(number):
        @cell(gates="z", states="h")
        def own(z, h):
            for j in range(len(h)):
                h[j] = z[j] * number

        @own.backward
        def own_backward(dh, dz):
            for j in range(len(dh)):
                dz[j] = dh[j] * number

        return own

    def model_of(one):
        tinylstm.set_random_seed(1)
        model = Sequential([RNN(one, 3, input_shape=(1, D))], dtype="float64")
        model.compile(loss="mse")
        return model

    x, y = np.ones((1, 1, D)), np.ones((1, 3))
    two, three = scaled(2.0), scaled(3.0)
    first, second = model_of(two), model_of(three)
    assert_close(second.predict(x), 1.5 * first.predict(x), 1e-14, "y")
    two.backward(three.step_backward)
    assert gradient_check(first, x, y).passed
    assert not gradient_check(model_of(two), x, y).passed


def test_a_step_may_make_arrays_of_its_own():
    @cell(gates="z", states="h")
    def centred(z, h):
        a = np.zeros(len(z), z.dtype)
        a += z
        h[:] = a - np.mean(a)

    @centred.backward
    def centred_backward(dh, dz):
        dz[:] = dh - dh.mean()

    rng = np.random.default_rng(3)
    model = Sequential([RNN(centred, 4, input_shape=(T, D)), Dense(1)], dtype="float64")
    model.compile(loss="mse")
    report = gradient_check(model, rng.normal(size=(3, T, D)), rng.normal(size=3))
    assert report.passed, f"\n{report}"


def doubled(a):
    """A function without @inner."""
    return a + a


@pytest.mark.skipif(not COMPILED, reason="plain Python calls it")
@pytest.mark.parametrize("known", [True, False])
def test_what_does_not_compile_is_named_with_the_way_out(known):
    @cell(gates="z", states="h")
    def unclear(z, h):
        h[:] = z

    @unclear.backward
    def unclear_backward(dh, dz):
        dz[:] = doubled(dh) if known else unknown(dh)  # noqa: F821

    model = Sequential([RNN(unclear, 4, input_shape=(T, D)), Dense(1)])
    model.compile(loss="mse")
    with pytest.raises(NumbaError) as caught:
        model.fit(np.ones((2, T, D)), np.ones(2), verbose=0)
    way = "doubled needs @tinylstm.kernels.inner above it" if known else "set NUMBA_DISABLE_JIT=1"
    (note,) = caught.value.__notes__
    assert note.startswith("tinylstm was compiling unclear_backward. ")
    assert way in note
