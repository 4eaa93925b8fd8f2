"""What a model with an LSTM can, one with a GRU or a SimpleRNN can."""

from functools import partial

import numpy as np
import pytest

from tests.models import MODES, randomize
from tests.tolerances import DIFFERENCES, NAIVE, assert_close
from tinylstm import GRU, LSTM, Dense, Embedding, Sequential, SimpleRNN, gradient_check, reference

B, T, D, H, K = 3, 5, 2, 4, 3
EACH = {"GRU": GRU, "GRU, before": partial(GRU, reset_after=False), "SimpleRNN": SimpleRNN}
KINDS = pytest.mark.parametrize("kind", EACH.values(), ids=EACH)


def model_of(kind, rng, mode="stateless", dtype="float64", **options):
    layers = [
        kind(H, return_sequences=True, name="first", **MODES[mode], **options),
        kind(H + 1, name="second", **MODES[mode]),
        Dense(K, activation="softmax"),
    ]
    model = Sequential(layers, dtype=dtype)
    model.build((B if mode == "stateful" else None, None, D))
    model.compile("adam", "categorical_crossentropy")
    return randomize(model, rng)


@KINDS
@pytest.mark.parametrize("mode", MODES)
def test_the_backward_pass_equals_differences(rng, kind, mode):
    model = model_of(kind, rng, mode, dropout=0.2, recurrent_dropout=0.3)
    if mode == "stateful":
        states = {
            layer.name: [rng.normal(size=(B, layer.units))]
            for layer in model.state.carried_layers()
        }
        model.set_states(states)
    y = rng.random((B, K))
    y /= y.sum(axis=1, keepdims=True)
    report = gradient_check(model, rng.normal(size=(B, T, D)), y, training=True)
    assert report.worst_error <= DIFFERENCES, f"\n{report}"


@KINDS
def test_samples_of_a_carried_batch_are_one_sequence(rng, kind):
    model, x = model_of(kind, rng, "batch_carried"), rng.normal(size=(B, T, D))
    first = Sequential([kind(H, return_sequences=True, input_shape=(None, D))], dtype="float64")
    first.set_weights(model.layers[0].get_weights())
    whole = first.predict(x.reshape(1, B * T, D)).reshape(B, T, H)
    np.testing.assert_array_equal(model.trace(x)["first"].h, whole)


def gates_of(kind, x, h_prev, W, U, b):
    """u, r and g of a step of a GRU of either form."""
    after = kind is GRU
    z, z_h = x @ W + (b[0] if after else b), h_prev @ U + (b[1] if after else 0)
    u, r = (reference.sigmoid(z[:, k] + z_h[:, k]) for k in (np.s_[:H], np.s_[H : 2 * H]))
    of_h = r * z_h[:, 2 * H :] if after else (r * h_prev) @ U[:, 2 * H :]
    return {"u": u, "r": r, "g": np.tanh(z[:, 2 * H :] + of_h)}


@KINDS
def test_a_trace_holds_the_equations(rng, kind):
    model, x, h_prev = model_of(kind, rng), rng.normal(size=(B, T, D)), np.zeros((B, H))
    trace = model.trace(x)["first"]
    W, U, b = model.layers[0].get_weights()
    for t in range(T):
        if kind is SimpleRNN:
            z = x[:, t] @ W + h_prev @ U + b
            assert_close(trace.z[:, t], z, NAIVE["float64"], "z")
            h = np.tanh(z)
        else:
            gates = gates_of(kind, x[:, t], h_prev, W, U, b)
            for name, gate in gates.items():
                assert_close(getattr(trace, name)[:, t], gate, NAIVE["float64"], name)
            h = gates["u"] * h_prev + (1 - gates["u"]) * gates["g"]
        assert_close(trace.h[:, t], h, NAIVE["float64"], "h")
        h_prev = trace.h[:, t]
    model.backward(rng.normal(size=(B, K)))
    assert trace.dh.shape == trace.h.shape
    assert trace.dz.shape == (B, T, W.shape[1])


@KINDS
def test_values_of_a_closed_loop_equal_a_loop_over_single_steps(rng, kind):
    layers = [kind(H, return_sequences=True, input_shape=(None, K)), kind(H), Dense(K)]
    model = Sequential(layers, dtype="float64")
    model.need_built("weights")
    randomize(model, rng)
    start, stepper, expected = rng.normal(size=(4, K)), model.stepper(), []
    for x in start:
        y = stepper(x).copy()
    branch = stepper.copy()
    for _ in range(6):
        expected.append(y)
        y = stepper(y).copy()
    assert_close(model.generate(start, 6), np.array(expected), NAIVE["float64"], "values")
    assert {name: len(arrays) for name, arrays in branch.state.items()} == {
        layer.name: 1 for layer in model.layers[:2]
    }
    np.testing.assert_array_equal(branch(expected[0]), expected[1])


@KINDS
def test_weights_come_back_from_a_file_and_a_copy_has_them(rng, kind, tmp_path):
    model, x = model_of(kind, rng, dtype="float32"), rng.normal(size=(B, T, D))
    expected = model.predict(x)
    model.save_weights(tmp_path / "w.safetensors")
    other = model_of(kind, rng, dtype="float32")
    assert np.abs(other.predict(x) - expected).max() > 0.01
    other.load_weights(tmp_path / "w.safetensors")
    np.testing.assert_array_equal(other.predict(x), expected)
    np.testing.assert_array_equal(model.copy().predict(x), expected)


def test_a_summary_counts_the_parameters_of_each_cell():
    model = Sequential(
        [
            Embedding(9, D, input_shape=(None,)),
            GRU(H, return_sequences=True, stateful=True),
            GRU(H, return_sequences=True, use_bias=False),
            LSTM(H, return_sequences=True),
            SimpleRNN(H),
        ]
    )
    model.build((B, T))
    lines = []
    model.summary(print_fn=lines.append)
    counts = {line.split(" (")[0]: line.split()[-2] for line in lines if line.endswith("less")}
    assert counts["gru_1"] == str(3 * H * 2 * H)
    assert counts["lstm"] == str(4 * H * (2 * H + 1))
    assert counts["simple_rnn"] == str(H * (2 * H + 1))
    (gru,) = [line for line in lines if line.startswith("gru (GRU)")]
    assert gru.split()[-2:] == [str(3 * H * (D + H + 2)), "stateful"]


@KINDS
def test_a_state_goes_in_and_out_as_a_list_of_one_array(rng, kind):
    model, x = model_of(kind, rng, "stateful"), rng.normal(size=(B, T, D))
    whole = model.forward(x, states={"first": [np.zeros((B, H))], "second": [np.zeros((B, H + 1))]})
    model.predict(x[:, :2], batch_size=B)
    (h,) = model.get_states()["first"]
    model.set_states(
        {name: [a.copy() for a in arrays] for name, arrays in model.get_states().items()}
    )
    np.testing.assert_array_equal(model.get_states()["first"][0], h)
    assert_close(model.predict(x[:, 2:], batch_size=B), whole, NAIVE["float64"], "y")
    with pytest.raises(ValueError, match="h"):
        model.set_states({"first": [h, h], "second": model.get_states()["second"]})
    model.reset_states()
    assert not any(a.any() for arrays in model.get_states().values() for a in arrays)
