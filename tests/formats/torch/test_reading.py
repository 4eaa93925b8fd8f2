"""Weights of PyTorch as models: live modules give the same numbers."""

from itertools import product

import numpy as np
import pytest

from tests.formats.torch.nets import (
    CELLS,
    PARTS,
    B,
    D,
    H,
    K,
    Net,
    T,
    answers,
    drawn,
    nn,
    same_bits,
    torch,
)
from tests.tolerances import NAIVE, TORCH_OUTPUT, assert_close
from tinylstm import GRU, LSTM, Sequential, SimpleRNN, from_torch, to_torch


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("bias", [True, False], ids=["biases", "no bias"])
@pytest.mark.parametrize("both", [False, True], ids=["one way", "both ways"])
@pytest.mark.parametrize("layers", [1, 2])
@pytest.mark.parametrize("cell", CELLS)
def test_a_module_and_its_model_answer_the_same(cell, layers, both, bias, dtype, rng):
    """Rows first and steps first; each step, the last one, the last states.

    In float32 both are at most 3.2e-7 of the largest output from float64, and 4.8e-7 from each
    other; 6e-7 in numbers, but for relu, whose outputs are as large as 42.
    """
    x = rng.normal(size=(B, T, D)).astype(dtype)
    for rows_first, reads in product((True, False), PARTS):
        settings = {"num_layers": layers, "bidirectional": both, "bias": bias, **CELLS[cell]}
        net = Net(cell.partition(",")[0], reads, batch_first=rows_first, **settings)
        drawn(net, getattr(torch, dtype))
        each = reads == "outputs" or (both and reads == "last")
        model = from_torch(net.state_dict(), return_sequences=each, **CELLS[cell])
        assert model.dtype == dtype
        found = model.predict(x)
        found = found[:, -1] if both and reads == "last" else found
        expected = answers(net, x if rows_first else np.ascontiguousarray(x.swapaxes(0, 1)))
        assert_close(found, expected, TORCH_OUTPUT[dtype], f"{reads}, rows first {rows_first}")


@pytest.mark.parametrize("cell", ["LSTM", "GRU", "RNN"])
def test_so_do_their_gradients(cell, rng):
    net = drawn(Net(cell, "last", num_layers=2, batch_first=True))
    model = from_torch(net.state_dict())
    x, upstream = rng.normal(size=(B, T, D)), rng.normal(size=(B, K))
    given = torch.tensor(x, requires_grad=True)
    net(given).backward(torch.tensor(upstream))
    model.forward(x)
    gradients = model.backward(upstream)
    assert_close(gradients.x, given.grad.numpy(), NAIVE["float64"], "x")
    theirs = from_torch({name: tensor.grad for name, tensor in net.named_parameters()})
    for k, (found, both) in enumerate(
        zip(weights_of(model, model.grad), theirs.weights, strict=True)
    ):
        halves = 2 if cell != "GRU" and found.ndim == 1 and k < 6 else 1  # two biases, each has all
        assert_close(halves * found, both, NAIVE["float64"], f"weight {k}")


def weights_of(model, vector):
    """The tensors of a vector laid out as the parameters, in Keras' order."""
    return [array for layer in model.layers for array in model.views(layer, vector).values()]


@pytest.mark.parametrize("cell", ["LSTM", "GRU", "RNN"])
def test_a_carried_state_is_h_n_and_c_n(cell, rng):
    net = drawn(getattr(nn, cell)(D, H, num_layers=2, batch_first=True))
    own = {"LSTM": LSTM, "GRU": GRU, "RNN": SimpleRNN}[cell]
    settings = {"return_sequences": True, "stateful": True}
    model = Sequential([own(H, **settings), own(H, **settings)], dtype="float64")
    model.build((B, None, D))
    assert from_torch(net.state_dict(), model=model) is model
    states = None
    for _ in range(3):
        x = rng.normal(size=(B, T, D))
        with torch.no_grad():
            expected, states = net(torch.tensor(x), states)
        assert_close(model.predict(x, batch_size=B), expected.numpy(), NAIVE["float64"])
        both = states if cell == "LSTM" else (states,)
        for level, layer in enumerate(model.layers):
            found = model.get_states()[layer.name]
            for array, tensor in zip(found, both, strict=True):
                assert_close(array, tensor[level].numpy(), NAIVE["float64"])


class Reader(nn.Module):
    """Everything that there is a layer for, and more than one activation."""

    def __init__(self):
        super().__init__()
        self.embedding = nn.Embedding(11, D)
        self.encoder = nn.ModuleDict({"gru": nn.GRU(D, H, batch_first=True)})
        self.norm = nn.LayerNorm(H)
        self.head = nn.Sequential(
            nn.ReLU(), nn.Dropout(0.5), nn.Linear(H, 7), nn.Tanh(), nn.Linear(7, K, bias=False)
        )

    def forward(self, x):
        out, _ = self.encoder.gru(self.embedding(x))
        return self.head(self.norm(out[:, -1]))


SAID = {"head.0": "relu", "head.1": "linear", "head.3": "tanh"}


def test_all_kinds_of_modules_and_their_activations(rng):
    net, x = drawn(Reader()).eval(), rng.integers(0, 11, (B, T))
    model = from_torch(net, activations=SAID)
    assert_close(model.predict(x), answers(net, x), NAIVE["float64"])
    assert same_bits(to_torch(model), net.state_dict())
    assert model.predict(x[:, :2]).shape == (B, K)  # of any number of steps


def test_a_module_that_stands_alone_and_one_of_linears(rng):
    x = rng.normal(size=(B, T, D))
    lstm = drawn(nn.LSTM(D, H, batch_first=True))
    with torch.no_grad():
        expected = lstm(torch.tensor(x))[0].numpy()
    model = from_torch(lstm.state_dict(), return_sequences=True)
    assert_close(model.predict(x), expected, NAIVE["float64"])
    net = drawn(nn.Sequential(nn.Linear(D, H), nn.Sigmoid(), nn.Linear(H, K)))
    model = from_torch(net.state_dict(), activations={"1": "sigmoid"})
    assert_close(model.predict(x[:, 0]), answers(net, x[:, 0]), NAIVE["float64"])


def test_a_cell_of_one_step_is_a_layer_of_many(rng):
    cell, x = drawn(nn.LSTMCell(D, H)), rng.normal(size=(B, T, D))
    state = None
    with torch.no_grad():
        for step in range(T):
            state = cell(torch.tensor(x[:, step]), state)
    model = from_torch(cell.state_dict())
    assert_close(model.predict(x), state[0].numpy(), NAIVE["float64"])


def test_halves_become_singles():
    for dtype in (torch.float16, torch.bfloat16):
        net = drawn(Net("GRU", "last", batch_first=True), dtype)
        model = from_torch(net)
        assert model.dtype == "float32"
        expected = net.head.weight.detach().float().numpy().T
        assert np.array_equal(model.layers[-1].weights["kernel"], expected)
