"""PyTorch: nn.LSTM or nn.LSTMCell, with and without inference mode, on one thread and on all."""

from itertools import product as combinations

import torch
from torch import nn

from tests.benchmarks.prediction.tasks import SEQUENCE, STREAM, looped, streamed

MODES = {"inference mode": torch.inference_mode, "no_grad": torch.no_grad}
THREADS = torch.get_num_threads()


class Net(nn.Module):
    """The task's model; `cell`: by nn.LSTMCell, which knows no time axis."""

    def __init__(self, task, cell):
        super().__init__()
        self.lstm = (nn.LSTMCell if cell else nn.LSTM)(task.features, task.units)
        self.dense = nn.Linear(task.units, task.outputs) if task.outputs else nn.Identity()
        W, U, b, *dense = (torch.tensor(tensor.T) for tensor in task.weights())
        parameters = list(self.lstm.parameters())  # W, U and two biases
        with torch.no_grad():
            for p, tensor in zip(parameters, (W, U, b, torch.zeros_like(b)), strict=True):
                p.copy_(tensor)
            for p, tensor in zip(self.dense.parameters(), dense, strict=True):
                p.copy_(tensor)

    def forward(self, x, state):
        """Output and state; with a cell x (B,D), else x (T,B,D)."""
        if isinstance(self.lstm, nn.LSTMCell):
            state = self.lstm(x, state)
            return self.dense(state[0]), state
        _, state = self.lstm(x, state)
        return self.dense(state[0]), state


def array_of(tensor):
    """A copy that later steps leave alone."""
    return tensor.numpy().copy()


def predict(task):
    """Modes, threads and, for steps, the two layers."""
    threads = sorted({1, THREADS})
    layers = (False,) if task.way == SEQUENCE else (False, True)
    return {
        f"{'LSTMCell' if cell else 'LSTM'}, {mode}, {n} thread{'s' * (n > 1)}": program(
            task, cell, MODES[mode], n
        )
        for cell, mode, n in combinations(layers, MODES, threads)
    }


def program(task, cell, mode, threads):
    """``run(times)`` in one mode."""
    net = Net(task, cell).eval()
    run = calls(task, net, cell)

    def in_mode(times):
        torch.set_num_threads(threads)
        with mode():
            return run(times)

    return in_mode


def calls(task, net, cell):
    """``run(times)`` without regard to modes."""
    data = torch.tensor(task.inputs())
    state = None

    def step(x):
        nonlocal state
        y, state = net(x, state)
        return y.detach()

    if task.way == SEQUENCE:
        x = data.transpose(0, 1).contiguous()

        def whole(times):
            for _ in range(times):
                y, _ = net(x, None)
            return array_of(y[0])

        return whole
    rows = [row.reshape((1, -1) if cell else (1, 1, -1)) for row in data]
    if task.way == STREAM:
        return streamed(step, rows, array_of)

    def start():
        nonlocal state
        state = None
        return rows[0]

    return looped(start, step, array_of)
