"""Weights of PyTorch and back: live modules give the same numbers, and what is unclear is asked."""

import math
import pickle
import subprocess
import sys
from itertools import product
from zipfile import ZipFile

import numpy as np
import pytest
from click.testing import CliRunner
from safetensors.numpy import load_file, save_file

from tests.snapshots import changed, refused, snapshot
from tests.tolerances import NAIVE, assert_close
from tinylstm import (
    GRU,
    LSTM,
    Bidirectional,
    Dense,
    Dropout,
    Embedding,
    LayerNormalization,
    Sequential,
    SimpleRNN,
    TimeDistributed,
    from_torch,
    load_model,
    to_torch,
)
from tinylstm.commands.show import show

torch = pytest.importorskip("torch")
nn = torch.nn

T, B, D, H, K = 5, 4, 3, 6, 2
CELLS = {"LSTM": {}, "GRU": {}, "RNN": {}, "RNN, relu": {"nonlinearity": "relu"}}
PARTS = "outputs", "last", "states"  # of the recurrent module, that the head reads


class Net(nn.Module):
    """A recurrent module and a head, which reads each step, the last one, or the last states."""

    def __init__(self, cell, reads, **settings):
        super().__init__()
        self.rnn = getattr(nn, cell)(D, H, **settings)
        self.head = nn.Linear(H * (1 + self.rnn.bidirectional), K)
        self.reads = reads

    def forward(self, x):
        """x with rows first or steps first, as the module reads; the answer has rows first."""
        out, states = self.rnn(x)
        out = out if self.rnn.batch_first else out.transpose(0, 1)
        h_n = states[0] if isinstance(states, tuple) else states
        directions = 1 + self.rnn.bidirectional
        last = torch.cat([*h_n[-directions:]], -1)
        return self.head({"outputs": out, "last": out[:, -1], "states": last}[self.reads])


@pytest.fixture
def rng():
    return np.random.default_rng(5)


def drawn(module, dtype=torch.float64, seed=3):
    """A module with weights that are numbers of their own, its biases too."""
    torch.manual_seed(seed)
    module = module.to(dtype)
    with torch.no_grad():
        for tensor in module.parameters():
            tensor.uniform_(-0.9, 0.9)
    return module


def answers(net, x):
    """What a module of PyTorch answers."""
    with torch.no_grad():
        return net(torch.tensor(x)).numpy()


def same_bits(one, other):
    """Whether two state_dicts have the same names in the same order, and the same numbers."""
    assert [*one] == [*other]
    return all(torch.equal(one[name], other[name]) for name in one)


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("bias", [True, False], ids=["biases", "no bias"])
@pytest.mark.parametrize("both", [False, True], ids=["one way", "both ways"])
@pytest.mark.parametrize("layers", [1, 2])
@pytest.mark.parametrize("cell", CELLS)
def test_a_module_and_its_model_answer_the_same(cell, layers, both, bias, dtype, rng):
    """Rows first and steps first; each step, the last one, the last states."""
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
        assert_close(found, expected, NAIVE[dtype], f"{reads}, rows first {rows_first}")


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


@pytest.mark.parametrize("cell", ["LSTM", "GRU", "RNN"])
@pytest.mark.parametrize("both", [False, True])
@pytest.mark.parametrize("bias", [False, True])
def test_there_and_back_are_the_same_bits(cell, both, bias):
    """But for the two biases of nn.LSTM and nn.RNN, which are one here."""
    net = drawn(Net(cell, "states", num_layers=2, bidirectional=both, bias=bias))
    state = net.state_dict()
    if cell != "GRU" and bias:
        for name, tensor in state.items():
            if "bias_hh" in name:
                tensor.zero_()
    model = from_torch(state, return_sequences=False)
    assert same_bits(to_torch(model), state)
    again = from_torch(to_torch(model), return_sequences=False)
    assert np.array_equal(again.theta, model.theta)
    assert [layer.name for layer in again.layers] == [layer.name for layer in model.layers]


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


# What a state_dict does not say.


def state_of(**modules):
    """The state_dict of a module with these parts."""
    return drawn(nn.ModuleDict(modules)).state_dict()


UNCLEAR = {  # what is given, and what the sentence must name
    "both ways": (
        lambda: state_of(rnn=nn.LSTM(D, H, bidirectional=True)),
        "return_sequences=False",
    ),
    "an activation": (
        lambda: state_of(a=nn.Linear(D, H), b=nn.Linear(H, K)),
        "activations={'a': 'relu'}",
    ),
    "a part without weights": (
        lambda: state_of(net=nn.Sequential(nn.ReLU(), nn.Linear(D, K))),
        "activations={'net.0': 'relu'}",
    ),
    "an embedding as wide as it is high": (
        lambda: state_of(a=nn.Embedding(D, D), b=nn.LSTM(D, H)),
        "modules={'a': 'Embedding'}",
    ),
    "a norm without bias": (
        lambda: state_of(a=nn.Linear(D, H), b=nn.LayerNorm(H, bias=False)),
        "modules={'b': 'LayerNorm'}",
    ),
}


@pytest.mark.parametrize("case", UNCLEAR)
def test_what_is_unclear_is_a_sentence_that_names_the_argument(case):
    given, named = UNCLEAR[case]
    with refused(ValueError, "") as caught:
        from_torch(given())
    assert f"from_torch(..., {named}" in str(caught.value)


def test_and_with_the_argument_it_is_clear(rng):
    x = rng.normal(size=(B, T, D))
    square = UNCLEAR["an embedding as wide as it is high"][0]()
    assert type(from_torch(square, modules={"a": "Embedding"}).layers[0]) is Embedding
    table, rows = drawn(nn.Linear(D, D, bias=False)), square["a.weight"]
    table.load_state_dict({"weight": rows})
    model = from_torch({"a.weight": rows}, modules={"a": "Linear"})
    assert_close(model.predict(x[:, 0]), answers(table, x[:, 0]), NAIVE["float64"])
    norm = from_torch(UNCLEAR["a norm without bias"][0](), modules={"b": "LayerNorm"}).layers[-1]
    assert (type(norm), norm.center) == (LayerNormalization, False)


def names(model):
    """Of its layers."""
    return [layer.name for layer in model.layers]


def test_modules_that_fit_in_one_order_alone_have_that(tmp_path):
    """The library of safetensors sorts names, and somebody may make a head first."""
    state = state_of(head=nn.Linear(H, K), rnn=nn.LSTM(D, H))
    assert names(from_torch(state)) == ["rnn", "head"]
    assert names(from_torch(state, order=["rnn", "head"])) == ["rnn", "head"]
    with refused(ValueError, "do not fit one behind the other"):
        from_torch(state, order=["head", "rnn"])
    with refused(ValueError, "do not fit one behind the other"):
        from_torch(state_of(a=nn.LSTM(D, H), b=nn.Linear(H + 1, K)))
    path = tmp_path / "net.safetensors"
    deep = nn.Sequential(*(nn.Linear(H, H, bias=False) for _ in range(5)), nn.Linear(H, K))
    state = state_of(net=nn.LSTM(D, H), deep=deep)
    save_file({name: tensor.numpy() for name, tensor in state.items()}, path)
    said = {f"deep.{k}": "linear" for k in range(5)}
    assert names(from_torch(path, activations=said)) == ["net", *said, "deep.5"]
    state = state_of(a=nn.LSTM(H, H), b=nn.LSTM(H, H))
    assert names(from_torch(state)) == ["a", "b"]
    save_file({name: tensor.numpy() for name, tensor in state.items()}, path)
    with refused(ValueError, "in which order") as caught:
        from_torch(path)
    assert "from_torch(..., order=['a', 'b'])" in str(caught.value)
    assert names(from_torch(path, order=["b", "a"])) == ["b", "a"]


def test_the_activation_of_a_living_rnn_is_not_overheard():
    net = nn.ModuleDict({"a": nn.RNN(D, H, nonlinearity="relu")})
    with refused(ValueError, "another activation"):
        from_torch(net)
    assert from_torch(net, nonlinearity="relu").layers[0].activation == "relu"


def test_the_epsilon_of_a_living_norm_is_taken(rng):
    net = drawn(nn.Sequential(nn.Linear(D, H), nn.LayerNorm(H, eps=0.1)))
    x = rng.normal(size=(B, D))
    assert_close(from_torch(net).predict(x), answers(net, x), NAIVE["float64"])
    assert from_torch(net.state_dict()).layers[1].epsilon == 1e-5


def test_a_living_module_says_what_its_shapes_do_not():
    state = {
        "square": nn.Embedding(D, D),
        "rnn": nn.LSTM(D, H),
        "norm": nn.LayerNorm(H, bias=False),
    }
    layers = from_torch(nn.ModuleDict(state)).layers
    assert [type(layer) for layer in layers] == [Embedding, LSTM, LayerNormalization]


class OwnNorm(nn.LayerNorm):
    def forward(self, x):
        return super().forward(x) + x


LOOK_ALIKE = {  # modules whose tensors, if they have any, are those of a module with a layer
    "GroupNorm": lambda: nn.GroupNorm(2, H),
    "BatchNorm1d": lambda: nn.BatchNorm1d(H),
    "BatchNorm1d, no statistics": lambda: nn.BatchNorm1d(H, track_running_stats=False),
    "RMSNorm": lambda: nn.RMSNorm(H),
    "PReLU": lambda: nn.PReLU(),
    "OwnNorm": lambda: OwnNorm(H),
    "LayerNorm without weights": lambda: nn.LayerNorm(H, elementwise_affine=False),
    "InstanceNorm1d": lambda: nn.InstanceNorm1d(H),
}


@pytest.mark.parametrize("case", LOOK_ALIKE)
def test_a_living_module_that_looks_like_another_one_is_refused(case):
    net = nn.ModuleDict({"a": nn.Linear(D, H), "b": LOOK_ALIKE[case]()})
    with refused(ValueError, "There is no layer for the module 'b'") as caught:
        from_torch(net)
    assert case.split()[0].strip(",") in str(caught.value)


def test_tables_that_are_no_tables_of_ours_are_refused():
    for table in (nn.EmbeddingBag(5, D), nn.Embedding(5, D, max_norm=1.0)):
        with refused(ValueError, "There is no layer for the module 'a'"):
            from_torch(nn.ModuleDict({"a": table, "b": nn.LSTM(D, H)}))


def test_what_is_said_of_no_module_is_refused():
    state = state_of(rnn=nn.LSTM(D, H), head=nn.Linear(H, K))
    for given in (
        {"activations": {"hed": "relu"}},
        {"modules": {"hed": "Linear"}},
        {"modules": {"head": "Embedding"}},
        {"order": ["rnn"]},
        {"order": ["rnn", "rnn", "head"]},
        {"nonlinearity": "sigmoid"},
        {"activations": {"head": "softmx"}},
        {"return_sequences": "yes"},
    ):
        with refused(ValueError, ""):
            from_torch(state, **given)
    for given in ({"activations": ["relu"]}, {"modules": np.ones(2)}, {"order": 3}):
        with refused(TypeError, ""):
            from_torch(state, **given)


# What cannot be.

WRONG = {  # of a state_dict, and words of the sentence
    "projected": (lambda: state_of(a=nn.LSTM(D, H, proj_size=2)), "projected"),
    "convolution": (lambda: state_of(a=nn.Conv1d(D, H, 3)), "no layer for the module 'a'"),
    "batch norm": (lambda: state_of(a=nn.BatchNorm1d(D)), "no layer for the module 'a'"),
    "attention": (lambda: state_of(a=nn.MultiheadAttention(4, 2)), "no layer for the module 'a'"),
    "a parameter": (lambda: {"h0": torch.zeros(1, H)}, "no layer for the module ''"),
    "empty": (dict, "no tensor"),
    "no tensors": (lambda: {"epoch": 3, "model": {}}, "'epoch' in the state_dict is no tensor"),
    "names that are none": (lambda: {3: torch.zeros(2)}, "is no tensor"),
    "a number": (lambda: 3, "no weights of PyTorch"),
    "whole numbers": (lambda: {"a.weight": np.zeros((2, 3), int)}, "holds no weights"),
    "complex": (lambda: {"a.weight": np.zeros((2, 3), complex)}, "holds no weights"),
    "objects": (lambda: {"a.weight": np.array([[None]])}, "holds no weights"),
}


@pytest.mark.parametrize("case", WRONG)
def test_what_is_no_model_of_ours_is_refused_in_a_sentence(case):
    given, words = WRONG[case]
    with refused(TypeError if case == "a number" else ValueError, words):
        from_torch(given())


def transposed(state):
    state["rnn.weight_hh_l0"] = state["rnn.weight_hh_l0"].T


def transposed_head(state):
    state["head.weight"] = state["head.weight"].T


def without_a_layer(state):
    for name in [name for name in state if "_l1" in name]:
        del state[name]


def without_a_tensor(state):
    del state["rnn.bias_hh_l1"]


def without_a_direction(state):
    del state["rnn.weight_hh_l0_reverse"]


def with_one_more(state):
    state["rnn.extra"] = torch.zeros(2)


def of_another_shape(state):
    state["rnn.bias_ih_l0"] = torch.zeros(3)


def not_finite(state):
    state["rnn.weight_ih_l1"][1, 2] = math.nan


def infinite(state):
    state["head.bias"][0] = math.inf


def of_no_axes(state):
    state["rnn.weight_hh_l0"] = torch.tensor(1.0)


SPOILT = {
    transposed: "rnn",
    transposed_head: "head",
    without_a_layer: "rnn",
    without_a_tensor: "bias_hh_l1",
    without_a_direction: "rnn",
    with_one_more: "extra",
    of_another_shape: "bias_ih_l0",
    not_finite: "not finite",
    infinite: "not finite",
    of_no_axes: "rnn",
}


@pytest.mark.parametrize("spoil", SPOILT, ids=lambda one: one.__name__)
@pytest.mark.parametrize("filled", [False, True])
def test_a_spoilt_state_dict_is_refused_and_no_model_changed(spoil, filled):
    model = Sequential([LSTM(H, return_sequences=True), LSTM(H), Dense(K)], dtype="float64")
    model.compile("sgd", "mse")
    model.build((None, T, D))
    before, both = snapshot(model), spoil is without_a_direction
    net = drawn(Net("LSTM", "last", num_layers=2, bidirectional=both))
    state = net.state_dict()
    spoil(state)
    if spoil is without_a_layer and not filled:
        return  # it is one of a layer less
    with refused(ValueError, "") as caught:
        from_torch(state, **({"model": model} if filled else {}))
    assert SPOILT[spoil] in str(caught.value) or spoil is without_a_layer
    assert changed(model, before) == []


def test_a_model_that_is_given_takes_what_fits_it_alone():
    state = state_of(rnn=nn.LSTM(D, H), head=nn.Linear(H, K))
    other = Sequential([LSTM(H + 1, input_shape=(T, D)), Dense(K)])
    with refused(ValueError, "another model") as caught:
        from_torch(state, model=other)
    assert "rnn/kernel" in str(caught.value)
    old = Sequential([LSTM(H, recurrent_activation="hard_sigmoid", input_shape=(T, D)), Dense(K)])
    with refused(ValueError, "nn.LSTM cannot be as layer 'lstm' is"):
        from_torch(state, model=old)
    with refused(ValueError, "own activations"):
        from_torch(state, model=old, return_sequences=True)
    with refused(ValueError, "needs a built model"):
        from_torch(state, model=Sequential([LSTM(H), Dense(K)]))
    with refused(TypeError, "not a model"):
        from_torch(state, model="model")


# To PyTorch.


def test_a_model_of_ours_answers_the_same_there(rng):
    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.lstm = nn.LSTM(D, 4, num_layers=2, batch_first=True)
            self.bidirectional = nn.GRU(4, 3, batch_first=True, bidirectional=True)
            self.simple_rnn = nn.RNN(6, 5, batch_first=True, nonlinearity="relu", bias=False)
            self.dense = nn.Linear(5, K)

        def forward(self, x):
            for module in (self.lstm, self.bidirectional, self.simple_rnn):
                x, _ = module(x)
            return torch.softmax(self.dense(x), -1)

    model = Sequential(
        [
            LSTM(4, return_sequences=True, name="lstm_l0", input_shape=(T, D)),
            Dropout(0.3),
            LSTM(4, return_sequences=True, name="lstm_l1"),
            Bidirectional(GRU(3, return_sequences=True)),
            SimpleRNN(5, "relu", use_bias=False, return_sequences=True),
            TimeDistributed(Dense(K, "softmax"), name="dense"),
        ],
        dtype="float64",
    )
    model.set_weights([rng.normal(size=array.shape) for array in model.get_weights()])
    net, x = Net().double(), rng.normal(size=(B, T, D))
    net.load_state_dict(to_torch(model))
    assert_close(model.predict(x), answers(net, x), NAIVE["float64"])


@pytest.mark.parametrize(
    ("names", "modules"),
    [
        (("a", "b"), ["a", "b"]),
        (("a_l0", "a_l1"), ["a", "a"]),
        (("a_l0", "b_l1"), ["a", "b_l1"]),
        (("a_l1", "a_l2"), ["a_l1", "a_l2"]),
        (("a_l0", "a_l2"), ["a", "a_l2"]),
    ],
)
def test_layers_of_one_module_are_those_that_are_called_so(names, modules):
    layers = [LSTM(3, return_sequences=True, name=name) for name in names]
    model = Sequential(layers)
    model.build((None, T, 3))
    found = [name.partition(".")[0] for name in to_torch(model) if "weight_hh" in name]
    assert found == modules


def test_layers_that_differ_are_not_of_one_module():
    one, between = LSTM(3, return_sequences=True, name="a_l0"), Dense(3, name="between")
    for layers in (
        [one.copy(), GRU(3, name="a_l1")],
        [one.copy(), LSTM(4, name="a_l1")],
        [one.copy(), LSTM(3, use_bias=False, name="a_l1")],
        [one.copy(), between.copy(), LSTM(3, name="a_l1")],
    ):
        model = Sequential(layers)
        model.build((None, T, 3))
        assert "a_l1.weight_hh_l0" in to_torch(model)


def test_copies_are_given():
    model = Sequential([Dense(2, input_shape=(3,))])
    model.compile("sgd", "mse")
    model.build((None, 3))
    before = snapshot(model)
    for tensor in to_torch(model).values():
        tensor.fill_(7)
    assert changed(model, before) == []


REFUSED_THERE = {
    "hard sigmoid": (lambda: LSTM(2, recurrent_activation="hard_sigmoid"), "'hard_sigmoid'"),
    "relu in an LSTM": (lambda: LSTM(2, "relu"), "activation='tanh', recurrent"),
    "in both ways": (lambda: Bidirectional(GRU(2, "relu")), "nn.GRU cannot be as"),
    "sigmoid in an RNN": (lambda: SimpleRNN(2, "sigmoid"), "'tanh' or 'relu'"),
}


@pytest.mark.parametrize("case", REFUSED_THERE)
def test_what_nn_has_not_is_refused(case):
    make, words = REFUSED_THERE[case]
    model = Sequential([make()])
    model.build((None, T, D))
    with refused(ValueError, "cannot be as layer") as caught:
        to_torch(model)
    assert words in str(caught.value)


# Files.


def test_files_say_what_the_dict_says(tmp_path):
    net = drawn(Net("LSTM", "last", num_layers=2))
    state, expected = net.state_dict(), from_torch(net.state_dict())
    arrays = {name: tensor.numpy() for name, tensor in state.items()}
    save_file(arrays, tmp_path / "net.safetensors")
    np.savez(tmp_path / "net.npz", **arrays)
    np.savez_compressed(tmp_path / "packed.npz", **arrays)
    torch.save(state, tmp_path / "net.pt")
    for name in ("net.safetensors", "net.npz", "packed.npz", "net.pt"):
        found = from_torch(tmp_path / name)
        assert np.array_equal(found.theta, expected.theta), name
        assert [layer.name for layer in found.layers] == [layer.name for layer in expected.layers]


def test_the_doors_know_the_format(tmp_path):
    net = drawn(Net("LSTM", "last", num_layers=2, batch_first=True), torch.float32)
    model = from_torch(net.state_dict())
    for name, how in (("a.pt", None), ("b.pth", None), ("c.safetensors", "torch.safetensors")):
        path = tmp_path / name
        model.save_weights(path, format=how)
        read = load_file(path) if how else torch.load(path, weights_only=True)
        net.load_state_dict({key: torch.as_tensor(array) for key, array in read.items()})
        again = load_model(path, format=how)
        assert np.array_equal(again.theta, model.theta)
        other = Sequential([LSTM(H, return_sequences=True), LSTM(H), Dense(K)])
        other.build((None, T, D))
        other.load_weights(path, format=how)
        assert np.array_equal(other.theta, model.theta)
    with refused(ValueError, "save does not go with files of PyTorch"):
        model.save(tmp_path / "d.pt")


@pytest.mark.parametrize("ours", [True, False])
def test_a_file_of_names_of_pytorch_is_said_to_be_one(tmp_path, ours):
    path, model = tmp_path / "a.safetensors", Sequential([LSTM(H, input_shape=(T, D))])
    if ours:
        model.save_weights(path, format="torch.safetensors")
    else:
        save_file({name: one.numpy() for name, one in nn.LSTM(D, H).state_dict().items()}, path)
    with refused(ValueError, "called as those of PyTorch") as caught:
        model.load_weights(path)
    assert "tinylstm.from_torch(path)" in str(caught.value)
    with refused(ValueError, "no model in") as caught:
        load_model(path)
    assert "tinylstm.from_torch(path)" in str(caught.value)
    from_torch(path, model=model)


def test_what_a_file_holds_is_shown(tmp_path):
    torch.save(state_of(gru=nn.GRU(D, H), norm=nn.BatchNorm1d(H)), tmp_path / "a.pt")
    done = CliRunner().invoke(show, [str(tmp_path / "a.pt")])
    assert done.exit_code == 0, done.output
    lines = [line.split() for line in done.output.splitlines()]
    assert "weights of PyTorch" in done.output
    assert ["gru", "nn.GRU", "weight_ih_l0", "18", "x", "3", "54"] in lines
    assert any(line[:2] == ["norm", "weight"] for line in lines)
    torch.save({"epoch": 3, "net": state_of(a=nn.Linear(D, K))}, tmp_path / "b.pt")
    done = CliRunner().invoke(show, [str(tmp_path / "b.pt")])
    assert "net.a  nn.Linear  weight  2 x 3" in done.output
    assert done.output.endswith("8 parameters of float64\n'epoch' is no tensor\n")
    save_file({"gru.weight_ih_l0": np.ones((3, 2))}, tmp_path / "a.safetensors")
    done = CliRunner().invoke(show, [str(tmp_path / "a.safetensors")])
    assert "weights of PyTorch" in done.output
    assert done.output.splitlines()[-1] == "6 parameters of float64"


def test_halves_become_singles():
    for dtype in (torch.float16, torch.bfloat16):
        net = drawn(Net("GRU", "last"), dtype)
        model = from_torch(net)
        assert model.dtype == "float32"
        expected = net.head.weight.detach().float().numpy().T
        assert np.array_equal(model.layers[-1].weights["kernel"], expected)


class Attack:
    """What a pickle can do."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return open, (self.path, "w")


def test_a_pickle_in_a_file_of_pytorch_is_not_run(tmp_path):
    path, trace = tmp_path / "a.pt", tmp_path / "was here"
    for content in ({"a.weight": Attack(str(trace))}, Attack(str(trace))):
        torch.save(content, path)
        with refused(ValueError, "more than tensors and plain values"):
            from_torch(path)
    path.write_bytes(pickle.dumps(Attack(str(trace))))
    with refused(ValueError, "is a pickle"):
        from_torch(path)
    assert not trace.exists()


def test_files_that_are_not_whole_or_not_of_weights_are_refused(tmp_path):
    path = tmp_path / "a.pt"
    torch.save(state_of(a=nn.Linear(D, K)), path)
    content = path.read_bytes()
    for broken in (
        content[:-5],
        content[: len(content) // 2],
        content[:4],
        b"PK\x03\x04" + bytes(99),
    ):
        path.write_bytes(broken)
        with refused(ValueError, "not a file of weights of PyTorch"):
            from_torch(path)
    weights = state_of(a=nn.Linear(D, K))["a.weight"].numpy().tobytes()
    path.write_bytes(content.replace(weights, bytes(len(weights))))
    with refused(ValueError, "another checksum than it says"):
        from_torch(path)
    torch.save([1, 2], path)
    with refused(ValueError, "no state_dict in"):
        from_torch(path)
    torch.save({"epoch": 3, "model_state_dict": state_of(a=nn.Linear(D, K))}, path)
    with refused(ValueError, "is no tensor") as caught:
        from_torch(path)
    assert "['model_state_dict']" in str(caught.value)
    torch.save({"epoch": 3, "net": state_of(a=nn.Linear(D, K))}, path)
    with refused(ValueError, "'epoch' in") as caught:
        from_torch(path)
    assert "['net']" in str(caught.value)
    torch.save(nn.Linear(D, K), path)
    with refused(ValueError, "as a whole module has") as caught:
        from_torch(path)
    assert "torch.load" not in str(caught.value)
    path.write_bytes(b"")
    with refused(ValueError, "is empty"):
        from_torch(path)
    torch.save({"a.weight": torch.ones(1).expand(2**30, 2)}, path)  # one number, again and again
    with refused(ValueError, "would have 8,589,934,592 bytes"):
        from_torch(path)
    with refused(FileNotFoundError, "no such file"):
        from_torch(tmp_path / "none.pt")


def test_a_program_of_torchscript_is_refused_before_pytorch_sees_it(tmp_path, monkeypatch):
    torch.save(state_of(a=nn.Linear(D, K)), tmp_path / "a.pt")
    with ZipFile(tmp_path / "a.pt", "a") as archive:
        archive.writestr("a/constants.pkl", b"")
    monkeypatch.setattr(torch, "load", None)
    with refused(ValueError, "as TorchScript saves it"):
        from_torch(tmp_path / "a.pt")


def test_a_pytorch_that_may_run_code_is_not_asked(tmp_path, monkeypatch):
    torch.save(state_of(a=nn.Linear(D, K)), tmp_path / "a.pt")
    for version in ("2.5.1+cpu", "1.13.0"):
        monkeypatch.setattr(torch, "__version__", type(torch.__version__)(version))
        with refused(ImportError, "may run code that is in a file"):
            from_torch(tmp_path / "a.pt")
    monkeypatch.setattr(torch, "__version__", type(torch.__version__)("2.13.0"))
    from_torch(tmp_path / "a.pt")


def test_a_file_from_before_zip_archives_says_what_makes_it_one(tmp_path):
    path, state = tmp_path / "a.pt", state_of(a=nn.Linear(D, K))
    torch.save(state, path, _use_new_zipfile_serialization=False)
    for read in (from_torch, load_model):
        with refused(ValueError, "PyTorch before 1.6") as caught:
            read(path)
    assert "torch.save(torch.load(path, weights_only=True), path)" in str(caught.value)
    torch.save(torch.load(path, weights_only=True), path)
    assert np.array_equal(from_torch(path).theta, from_torch(state).theta)


def test_without_pytorch_a_file_says_what_to_do(tmp_path, monkeypatch):
    path = tmp_path / "a.pt"
    torch.save(state_of(a=nn.Linear(D, K)), path)
    monkeypatch.setattr("tinylstm.formats.torch.checkpoint.find_spec", lambda name: None)
    with refused(ImportError, "PyTorch, which is not installed") as caught:
        from_torch(path)
    assert "safetensors.torch.save_file" in str(caught.value)
    with refused(ImportError, "PyTorch, which is not installed") as caught:
        to_torch(Sequential([Dense(2, input_shape=(3,))]))
    assert "pip install torch" in str(caught.value)
    with refused(ImportError, "PyTorch, which is not installed") as caught:
        Sequential([Dense(2, input_shape=(3,))]).save_weights(tmp_path / "b.pt")
    assert "Received: a file of PyTorch" in str(caught.value)


def test_nothing_of_pytorch_is_imported_before_it_is_needed():
    line = "import sys, tinylstm; tinylstm.from_torch; sys.exit('torch' in sys.modules)"
    subprocess.run([sys.executable, "-c", line], check=True)
