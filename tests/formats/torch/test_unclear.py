"""What a state_dict does not say is asked, and what cannot be is refused."""

import math

import numpy as np
import pytest
from safetensors.numpy import save_file

from tests.formats.torch.nets import B, D, H, K, Net, T, answers, drawn, names, nn, state_of, torch
from tests.snapshots import changed, refused, snapshot
from tests.tolerances import NAIVE, assert_close
from tinylstm import LSTM, Dense, Embedding, LayerNormalization, Sequential, from_torch

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
    "several parts without weights": (
        lambda: state_of(net=nn.Sequential(nn.ReLU(), nn.Dropout(), nn.Linear(D, K))),
        "activations={'net.0': 'relu', 'net.1': 'relu'}",
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
