"""What a module that lives knows, and its state_dict does not."""

import pytest

from tests.formats.torch.nets import B, D, H, answers, drawn, nn
from tests.snapshots import refused
from tests.tolerances import NAIVE, assert_close
from tinylstm import LSTM, Embedding, LayerNormalization, from_torch


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
