"""Models with random numbers everywhere: each gate its own weights, no bias and no state zero."""

import numpy as np
from hypothesis import Phase, settings
from hypothesis import strategies as st

from tinylstm import Sequential
from tinylstm.engine.study import Gradients, LayerTrace, Pass
from tinylstm.testing.strategies import sizes

MODES = {  # arguments of an LSTM
    "stateless": {},
    "stateful": {"stateful": True},
    "batch_carried": {"state_mode": "batch_carried"},
}


def randomize(model, rng):
    """The model, its weights normal over the root of the rows, its biases normal."""
    model.need_built("randomize")
    for layer in model.layers:
        shapes = [array.shape for array in layer.get_weights()]
        layer.set_weights(
            [rng.normal(size=s) / np.sqrt(s[0] if len(s) == 2 else 2) for s in shapes]
        )
    return model


def random_states(model, rows, rng):
    """h and c of every recurrent layer, or gradients of them: {name: [(rows, H), (rows, H)]}."""
    return {
        layer.name: [rng.normal(size=(rows, layer.units)) for _ in layer.state_names]
        for layer in model.state.layers
    }


def time_first(a, chained):
    """(B, T) as the kernels order it: time first, or the samples end to end."""
    return (a if chained else a.T).reshape(-1)


def run_recurrent(model, x, states, flags, dy, dstates):
    """Every array that the kernels of a model's one recurrent layer write, (samples, steps, ...)
    each."""
    made = Pass(model, model.network.chain, x, states, None, False, True)
    made.program.flags[: flags.size] = time_first(flags, made.batches.chained)
    made.forward()
    made.set_dy(dy)
    made.set_dstates(dstates)
    made.backward()
    (layer,) = model.layers
    gradients, trace = Gradients(made), LayerTrace(made, layer)
    found = {"y": made.y(), "dx": gradients.x}
    last, first = made.final_states()[layer.name], gradients.states[layer.name]
    for name, state, gradient in zip(layer.state_names, last, first, strict=True):
        found[f"{name}T"], found[f"d{name}0"] = state, gradient
    for name, tensor in {"dW": "kernel", "dU": "recurrent_kernel", "db": "bias"}.items():
        if tensor in gradients[layer.name]:
            found[name] = gradients[layer.name][tensor]
    for name in layer.traced(made.program.buffers(layer, made.batches.rows, made.batches.chain)):
        found[name] = getattr(trace, name).copy()
    return found


few = settings(
    max_examples=3, deadline=None, derandomize=True, database=None, phases=[Phase.generate]
)


class Draw:
    """Sizes, and the random numbers of one example."""

    def __init__(self, sizes, seed):
        self.B, self.T, self.D, self.H, self.K = self.sizes = sizes
        self.rng = np.random.default_rng(seed)

    def __repr__(self):
        return f"B, T, D, H, K = {self.sizes}"

    def model(self, *layers, loss="categorical_crossentropy", carried=True):
        """A compiled model with random weights, and random carried states if it carries any."""
        layers[0].batch_input_shape = (None, self.T, self.D)
        model = randomize(Sequential(layers, dtype="float64"), self.rng)
        model.compile("sgd", loss)
        model.seed = int(self.rng.integers(1000))  # of dropout
        if model.state.hand_on:
            model.set_states({a.name: self.state(a) for a in model.state.carried_layers()})
        return model

    def state(self, layer):
        return [self.rng.normal(size=(self.B, layer.units)) for _ in layer.state_names]

    def x(self):
        return self.rng.normal(size=(self.B, self.T, self.D))

    def shares(self, *shape):
        """Random targets: rows that sum to 1."""
        y = self.rng.random((*shape, self.K)) + 0.1
        return y / y.sum(axis=-1, keepdims=True)


@st.composite
def drawn(draw):
    """B, T, D, H, K: all different, T at least 3, K at least 2."""
    size = draw(sizes(B=1, T=3, D=1, H=1, K=2))
    return Draw(tuple(size.values()), draw(st.integers(0, 999)))
