"""PyTorch: nn.LSTM, nn.Linear and its Adam, in the combinations that compete.

Small models: on one thread and on all, plain and fused Adam.  Large ones: on all threads, batches
with steps first or rows first, by the LSTM of oneDNN or by PyTorch's own, with fused Adam; and once
with Adam over lists of tensors ("foreach"), which was never ahead by more than noise.
"""

from itertools import product as combinations

import torch
from torch import nn

from tests.benchmarks.engines import ADAM
from tests.benchmarks.prediction.pytorch import predict

__all__ = ["VERSION", "predict", "product", "train"]
VERSION = f"PyTorch {torch.__version__}"
THREADS = torch.get_num_threads()
LARGE = 0.05  # GFLOP a step from which on all threads are wanted


class Net(nn.Module):
    """The workload's model with its start weights.

    nn.LSTM has two biases; the second stays zero and frozen, so that there is one, as elsewhere.
    """

    def __init__(self, workload, rows_first=False):
        super().__init__()
        H, D = workload.units[0], workload.X.shape[2]
        self.each_step = workload.each_step
        self.lstm = nn.LSTM(D, H, num_layers=len(workload.units), batch_first=rows_first)
        self.dense = nn.Linear(H, workload.outputs)
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
        """Output (B,K), or of each step, and the new state for x, steps or rows first."""
        h, state = self.lstm(x, state)
        last = h if self.each_step else h[:, -1] if self.lstm.batch_first else h[-1]
        return self.dense(last), state


def train(workload):
    """Threads, layouts, the two LSTMs and Adam's loops."""
    if workload.gflop < LARGE:
        ways = list(combinations(sorted({1, THREADS}), (False,), (True,), ("plain", "fused")))
    else:
        ways = list(combinations([THREADS], (False, True), (True, False), ("fused",)))
        ways.append((THREADS, False, True, "foreach"))
    return {
        f"{threads} thread{'s' * (threads > 1)}, {'rows' if rows_first else 'steps'} first, "
        f"{'oneDNN' if onednn else 'own LSTM'}, {adam} Adam": program(
            workload, threads, rows_first, onednn, adam
        )
        for threads, rows_first, onednn, adam in ways
    }


def program(workload, threads, rows_first, onednn, loop):
    """``run(epochs)`` in one layout, with one LSTM and one Adam."""
    X, Y = (torch.tensor(data) for data in workload.time_major())
    if rows_first:
        X = X.transpose(1, 2).contiguous()
        Y = Y.transpose(1, 2) if workload.each_step else Y
    if workload.loss == "mse":
        loss_of = nn.MSELoss()
    else:
        loss_of, Y = nn.CrossEntropyLoss(), Y.argmax(-1).flatten(1)
    net = Net(workload, rows_first)
    adam = optimizer(net, loop)

    def run(epochs):
        torch.set_num_threads(threads)
        with torch.backends.mkldnn.flags(enabled=onednn, allow_tf32=None):
            for _ in range(epochs):
                loss = train_epoch(workload, net, adam, loss_of, X, Y)
        return loss

    return run


def train_epoch(workload, net, adam, loss_of, X, Y):
    """A plain training loop; the state is detached and carried.  Returns the mean loss."""
    state, total = None, 0.0
    for x, y in zip(X, Y, strict=True):
        adam.zero_grad()
        out, new = net(x, state)
        loss = loss_of(out.flatten(0, 1) if workload.each_step else out, y)
        loss.backward()
        adam.step()
        total += loss.item()
        if workload.stateful:
            state = tuple(tensor.detach() for tensor in new)
    return total / len(X)


def optimizer(net, loop):
    """Adam over the parameters that learn: plain, foreach or fused."""
    trained = [tensor for tensor in net.parameters() if tensor.requires_grad]
    betas = ADAM["beta_1"], ADAM["beta_2"]
    settings = {} if loop == "plain" else {loop: True}
    return torch.optim.Adam(trained, lr=ADAM["rate"], betas=betas, eps=ADAM["epsilon"], **settings)


def product(size):
    """One large matrix product."""
    a, b = (torch.tensor(operand) for operand in size.operands())
    out = torch.empty_like(a)

    def run(times):
        torch.set_num_threads(THREADS)
        for _ in range(times):
            torch.mm(a, b, out=out)
        return float(out[0, 0])

    return {"torch.mm": run}
