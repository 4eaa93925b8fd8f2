"""PyTorch: nn.LSTM, nn.Linear and its Adam, on one thread and on all, plain and fused."""

import torch
from torch import nn

from tests.benchmarks.engines import ADAM

VERSION = f"PyTorch {torch.__version__}"
THREADS = torch.get_num_threads()


class Net(nn.Module):
    """The workload's model with its start weights.

    nn.LSTM has two biases; the second stays zero and frozen, so that there is one, as elsewhere.
    """

    def __init__(self, workload):
        super().__init__()
        H, D = workload.units[0], workload.X.shape[2]
        self.lstm = nn.LSTM(D, H, num_layers=len(workload.units))
        self.dense = nn.Linear(H, workload.Y.shape[1])
        *recurrent, W, b = (torch.tensor(tensor.T) for tensor in workload.weights())
        with torch.no_grad():
            for k in range(len(workload.units)):
                names = "weight_ih", "weight_hh", "bias_ih"
                for kind, tensor in zip(names, recurrent[3 * k : 3 * k + 3], strict=True):
                    getattr(self.lstm, f"{kind}_l{k}").copy_(tensor)
                getattr(self.lstm, f"bias_hh_l{k}").zero_().requires_grad_(False)
            self.dense.weight.copy_(W)
            self.dense.bias.copy_(b)

    def forward(self, x, state):
        """Output (B,K) and the new state for x (T,B,D)."""
        h, state = self.lstm(x, state)
        return self.dense(h[-1]), state


def train(workload):
    """Threads and Adam's two loops."""
    return {
        f"{threads} thread{'s' * (threads > 1)}, {'fused' if fused else 'plain'} Adam": program(
            workload, threads, fused
        )
        for threads in sorted({1, THREADS})
        for fused in (False, True)
    }


def program(workload, threads, fused):
    """``run(epochs)`` as a plain training loop; the state is detached and carried."""
    X, Y = (torch.tensor(data) for data in workload.time_major())
    if workload.loss == "mse":
        loss_of = nn.MSELoss()
    else:
        loss_of, Y = nn.CrossEntropyLoss(), Y.argmax(-1)
    net = Net(workload)
    trained = [tensor for tensor in net.parameters() if tensor.requires_grad]
    betas = ADAM["beta_1"], ADAM["beta_2"]
    adam = torch.optim.Adam(trained, lr=ADAM["rate"], betas=betas, eps=ADAM["epsilon"], fused=fused)

    def run(epochs):
        torch.set_num_threads(threads)
        for _ in range(epochs):
            state, total = None, 0.0
            for x, y in zip(X, Y, strict=True):
                adam.zero_grad()
                out, new = net(x, state)
                loss = loss_of(out, y)
                loss.backward()
                adam.step()
                total += loss.item()
                if workload.stateful:
                    state = tuple(tensor.detach() for tensor in new)
        return total / len(X)

    return run
