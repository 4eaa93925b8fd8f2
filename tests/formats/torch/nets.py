"""Modules of PyTorch with weights that are numbers of their own."""

import pytest

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


def state_of(**modules):
    """The state_dict of a module with these parts."""
    return drawn(nn.ModuleDict(modules)).state_dict()


def names(model):
    """Of its layers."""
    return [layer.name for layer in model.layers]
