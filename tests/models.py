"""Models with random numbers everywhere: each gate its own weights, no bias and no state zero."""

import numpy as np

from tinylstm.study import Gradients, LayerTrace, Pass


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


def run_lstm(model, x, states, flags, dy, dstates):
    """Every array that the kernels of a model's one LSTM write, (samples, steps, ...) each."""
    made = Pass(model, model.chain, x, states, None, False, True)
    made.program.flags[:] = time_first(flags, made.batches.chained)
    made.forward()
    made.set_dy(dy)
    made.set_dstates(dstates)
    made.backward()
    (layer,) = model.layers
    gradients, trace = Gradients(made), LayerTrace(made, layer)
    found = {"y": made.y(), "dx": gradients.x}
    found["hT"], found["cT"] = made.final_states()[layer.name]
    found["dh0"], found["dc0"] = gradients.states[layer.name]
    for name, tensor in {"dW": "kernel", "dU": "recurrent_kernel", "db": "bias"}.items():
        if tensor in gradients[layer.name]:
            found[name] = gradients[layer.name][tensor]
    for name in ("z", "gates", "c", "h", "dz", "dh", "dc"):
        found[name] = getattr(trace, name).copy()
    return found
