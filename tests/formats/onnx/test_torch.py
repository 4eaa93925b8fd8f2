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


def test_a_graph_of_the_newer_exporter_puts_out_what_torch_does():
    found, expected = case(NETS["both ends"](nn.LSTM), DYNAMO, True)
    np.testing.assert_allclose(found, expected, **NEAR)


def test_the_last_step_of_both_directions_is_refused():
    net = Net(nn.LSTM, last, bidirectional=True)
    with refused(ValueError, "it takes a step that is not the last one read") as caught:
        case(net, CLASSIC, True)
    assert "each direction's own last one" in str(caught.value)
