"""What a module that lives knows, and its state_dict does not."""

import pytest

from tests.formats.torch.nets import B, D, H, answers, drawn, nn, same_bits
from tests.snapshots import refused
from tests.tolerances import NAIVE, assert_close
from tinylstm import LSTM, Embedding, LayerNormalization, from_torch, to_torch


def test_the_activation_of_a_living_rnn_is_not_overheard():
    net = nn.ModuleDict({"a": nn.RNN(D, H, nonlinearity="relu", batch_first=True)})
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
        "rnn": nn.LSTM(D, H, batch_first=True),
        "norm": nn.LayerNorm(H, bias=False),
    }
    layers = from_torch(nn.ModuleDict(state)).layers
    assert [type(layer) for layer in layers] == [Embedding, LSTM, LayerNormalization]


def test_the_dropout_of_a_living_module_is_where_the_module_says(rng):
    rnn = nn.LSTM(D, H, num_layers=3, dropout=0.4, batch_first=True)
    net = nn.ModuleDict({"rnn": rnn, "head": nn.Sequential(nn.Linear(H, H), nn.Dropout(0.2))})
    net["head"].append(nn.Linear(H, D))
    layers = from_torch(drawn(net)).layers
    assert [(one.name, getattr(one, "rate", None)) for one in layers] == [
        *[("rnn_l0", None), ("rnn_l0_dropout", 0.4), ("rnn_l1", None), ("rnn_l1_dropout", 0.4)],
        *[("rnn_l2", None), ("head.0", None), ("head.1", 0.2), ("head.2", None)],
    ]
    assert same_bits(to_torch(from_torch(net["head"])), net["head"].state_dict())
    net["head"][1].p = rnn.dropout = 0.0
    with refused(ValueError, "what is without weights: 'head.1'"):
        from_torch(net)
    assert len(from_torch(net, activations={"head.1": "linear"}).layers) == 5


def test_a_dropout_that_is_nowhere_is_said():
    net = nn.ModuleDict({"rnn": nn.LSTM(D, H, batch_first=True), "drop": nn.Dropout(0.3)})
    with pytest.warns(UserWarning, match="The nn.Dropout 'drop' is not in the model"):
        assert len(from_torch(net).layers) == 1
    from_torch(net, model=from_torch(net.state_dict()))  # which has its own


def test_steps_that_come_first_are_said():
    with pytest.warns(UserWarning, match=r"'rnn' has batch_first=False .* x.swapaxes\(0, 1\)"):
        from_torch(nn.ModuleDict({"rnn": nn.GRU(D, H)}))
    from_torch(nn.ModuleDict({"rnn": nn.GRU(D, H, batch_first=True)}))


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
