"""Graphs that torch.onnx exports, by both of its ways."""

import io
import logging
import warnings

import numpy as np
import pytest

from tests.formats.onnx.running import NEAR
from tests.snapshots import refused
from tinylstm import Sequential
from tinylstm.formats.onnx.reading import read

torch = pytest.importorskip("torch")
nn = torch.nn
B, T, D, H, V = 2, 5, 3, 4, 7
CLASSIC, DYNAMO = "classic", "dynamo"


class Net(nn.Module):
    """A recurrent module, what is taken of it, and what is behind that."""

    def __init__(self, kind, take, behind=None, words=False, **settings):
        super().__init__()
        self.embedding = nn.Embedding(V, D) if words else None
        self.rnn = kind(D, H, **{"batch_first": True, **settings})
        self.take, self.behind = take, behind or nn.Identity()

    def forward(self, x):
        x = x if self.embedding is None else self.embedding(x)
        y, state = self.rnn(x)
        return self.behind(self.take(y, state[0] if isinstance(state, tuple) else state))


def every(y, h):
    return y


def last(y, h):
    return y[:, -1]


def last_layer(y, h):
    return h[-1]


def both_ends(y, h):
    return torch.cat([h[-2], h[-1]], 1)


NETS = {
    "the last step": lambda kind: Net(kind, last, nn.Linear(H, 2)),
    "every step of a stack": lambda kind: Net(kind, every, nn.Linear(H, 2), num_layers=2),
    "the last state of a stack": lambda kind: Net(kind, last_layer, nn.Linear(H, 2), num_layers=2),
    "both directions": lambda kind: Net(
        kind, every, nn.Linear(2 * H, 2), num_layers=2, bidirectional=True
    ),
    "both ends": lambda kind: Net(kind, both_ends, nn.Linear(2 * H, 2), bidirectional=True),
    "steps first": lambda kind: Net(kind, every, batch_first=False),
    "words": lambda kind: Net(kind, last, nn.Linear(H, 2), words=True),
    "a long head": lambda kind: Net(
        kind,
        last,
        nn.Sequential(nn.LayerNorm(H), nn.ReLU(), nn.Linear(H, 3, bias=False), nn.Softmax(-1)),
        bias=False,
    ),
    "gelu": lambda kind: Net(kind, last, nn.Sequential(nn.Linear(H, 2), nn.GELU())),
    "gelu of every step": lambda kind: Net(kind, every, nn.GELU()),
    "flat": lambda kind: Net(kind, every, nn.Sequential(nn.Flatten(), nn.Linear(T * H, 2))),
}


def exported(net, x, way, free):
    """The bytes of a graph; free: the batch is."""
    file, name = io.BytesIO(), "x"
    axis = 0 if net.rnn.batch_first else 1
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        if way == CLASSIC:
            axes = {name: {axis: "batch"}} if free else None
            told = {"input_names": [name], "dynamic_axes": axes, "opset_version": 17}
            torch.onnx.export(net, (x,), file, dynamo=False, **told)
        else:
            pytest.importorskip("onnxscript")
            shapes = {name: {axis: "batch"}} if free else None
            torch.onnx.export(net, (x,), dynamo=True, dynamic_shapes=shapes, verbose=False).save(
                file
            )
    return file.getvalue()


@pytest.fixture(autouse=True)
def quiet():
    """Without what the exporter logs."""
    logging.disable(logging.WARNING)
    yield
    logging.disable(logging.NOTSET)


def case(net, way, free):
    """A net's outputs, and those of the model that is made of its graph."""
    torch.manual_seed(3)
    lengths = (B, T) if net.rnn.batch_first else (T, B)
    x = torch.randn(*lengths, D) if net.embedding is None else torch.randint(0, V, lengths)
    with torch.no_grad():
        y = net.eval()(x).numpy()
    model = read(Sequential, exported(net, x, way, free))
    if net.rnn.batch_first:
        return model.predict(x.numpy(), verbose=0), y
    return model.predict(x.numpy().swapaxes(0, 1), verbose=0), y.swapaxes(0, 1)


@pytest.mark.parametrize("kind", [nn.LSTM, nn.GRU, nn.RNN])
@pytest.mark.parametrize("name", NETS)
def test_a_graph_of_the_classic_exporter_puts_out_what_torch_does(name, kind):
    free = name not in ("both directions", "flat", "steps first")
    found, expected = case(NETS[name](kind), CLASSIC, free)
    np.testing.assert_allclose(found, expected, **NEAR)


def stack_of_both(kind, **settings):
    """Three levels of both directions."""
    behind = nn.Linear(2 * H, 2)
    return Net(kind, every, behind, num_layers=3, bidirectional=True, **settings)


NEWER = {
    "both ends": NETS["both ends"],
    "the last state of a stack": NETS["the last state of a stack"],
    "a stack of both": stack_of_both,
    "a stack of both, steps first": lambda kind: stack_of_both(kind, batch_first=False),
    "without biases": lambda kind: Net(kind, every, num_layers=2, bias=False),
}


@pytest.mark.parametrize("kind", [nn.LSTM, nn.GRU])
@pytest.mark.parametrize("name", NEWER)
def test_a_graph_of_the_newer_exporter_puts_out_what_torch_does(name, kind):
    found, expected = case(NEWER[name](kind), DYNAMO, True)
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-5)


@pytest.mark.parametrize("settings", [{}, {"nonlinearity": "relu", "batch_first": False}])
def test_the_newer_exporter_writes_an_rnn_step_by_step_which_is_refused_by_its_node(settings):
    """Of so many steps as the sample had: no layer, and for other lengths no graph."""
    with refused(ValueError, "Node 'node_Slice"):
        case(Net(nn.RNN, every, **settings), DYNAMO, True)


class OneNumber(nn.Module):
    """A number of each step, or of each sample."""

    def __init__(self, *behind):
        super().__init__()
        self.head, self.behind = nn.Linear(H, 1), nn.Sequential(*behind)

    def forward(self, y):
        return self.behind(self.head(y).squeeze(-1))


@pytest.mark.parametrize("take", [every, last])
@pytest.mark.parametrize("way", [CLASSIC, DYNAMO])
def test_an_output_of_one_feature_may_have_no_axis_of_it(take, way):
    found, expected = case(Net(nn.LSTM, take, OneNumber(nn.Sigmoid())), way, True)
    np.testing.assert_allclose(found[..., 0], expected, **NEAR)


@pytest.mark.parametrize("behind", [nn.Linear(T, 2), nn.Softmax(-1)])
def test_what_reads_steps_as_features_is_refused(behind):
    with refused(ValueError, "it works on the last axis"):
        case(Net(nn.LSTM, every, OneNumber(behind)), CLASSIC, False)


class Scaled(nn.Module):
    """Almost a Gelu."""

    def __init__(self, root, half):
        super().__init__()
        self.root, self.half = root, half

    def forward(self, x):
        return self.half * x * (1 + torch.erf(x / self.root))


@pytest.mark.parametrize(
    ("root", "half", "fits"), [(2**0.5, 0.5, True), (1.41, 0.5, False), (2**0.5, 0.6, False)]
)
def test_a_gelu_that_is_written_out_has_its_numbers(root, half, fits):
    net = Net(nn.LSTM, last, Scaled(root, half))
    if fits:
        found, expected = case(net, CLASSIC, True)
        np.testing.assert_allclose(found, expected, **NEAR)
    else:
        with refused(ValueError, "is no part of a layer of tinylstm"):
            case(net, CLASSIC, True)


def test_the_last_step_of_both_directions_is_refused():
    net = Net(nn.LSTM, last, bidirectional=True)
    with refused(ValueError, "it takes a step that is not the last one read") as caught:
        case(net, CLASSIC, True)
    assert "each direction's own last one" in str(caught.value)
