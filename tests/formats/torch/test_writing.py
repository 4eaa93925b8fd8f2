"""Models as PyTorch has them: what is written fits its modules, and comes back."""

import numpy as np
import pytest

from tests.formats.torch.nets import B, D, K, Net, T, answers, drawn, nn, same_bits, torch
from tests.snapshots import changed, refused, snapshot
from tests.tolerances import NAIVE, assert_close
from tinylstm import (
    GRU,
    LSTM,
    Bidirectional,
    Dense,
    Dropout,
    Embedding,
    Masking,
    Sequential,
    SimpleRNN,
    TimeDistributed,
    from_torch,
    to_torch,
)


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
    "reset before": (lambda: GRU(2, reset_after=False), "resets behind the product"),
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


def test_a_layer_that_reads_backwards_is_refused_with_the_way_out(rng):
    x = rng.normal(size=(B, T, D))
    back = LSTM(3, go_backwards=True, return_sequences=True, name="rnn")
    model = Sequential([back], dtype="float64")
    other = Sequential([LSTM(3, return_sequences=True, name="rnn")], dtype="float64")
    for one in (model, other):
        one.build((None, T, D))
    with refused(ValueError, "reads the last step first, as layer 'rnn' does") as caught:
        to_torch(model)
    assert "x.flip(1) there" in str(caught.value)
    other.set_weights(model.get_weights())
    net = nn.LSTM(D, 3, batch_first=True).double()
    net.load_state_dict({k.removeprefix("rnn."): one for k, one in to_torch(other).items()})
    assert_close(model.predict(x), answers(lambda x: net(x.flip(1))[0], x), NAIVE["float64"])
    from_torch(net.state_dict(), model=model)  # which reads backwards itself


UNSAID = {
    "Masking": (lambda: [Masking(), GRU(3)], "masked steps, .* \\(layer masking\\)"),
    "Embedding": (lambda: [Embedding(4, 2, mask_zero=True, name="e"), LSTM(3)], "(layer e)"),
    "state": (lambda: [LSTM(3, stateful=True, name="a")], "carried state, .* \\(layer a\\)"),
    "dropout": (
        lambda: [Bidirectional(LSTM(3, dropout=0.1), name="b")],
        "inside, .* \\(layer b\\)",
    ),
    "recurrent": (lambda: [SimpleRNN(3, recurrent_dropout=0.1, name="c")], "dropout inside"),
}


@pytest.mark.parametrize("case", UNSAID)
def test_what_forward_has_to_see_to_is_said(case):
    make, words = UNSAID[case]
    model = Sequential(make())
    model.build((2, T) if case == "Embedding" else (2, T, D))
    with pytest.warns(UserWarning, match=words):
        to_torch(model)
