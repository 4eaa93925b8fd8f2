"""What trains, but is hardly what was meant: said in a warning, before it trains."""

from ..layers import (
    RNN,
    Activation,
    Dense,
    Dropout,
    Embedding,
    Flatten,
    Masking,
    RepeatVector,
    Reshape,
)
from ..layers.bidirectional import Merge
from ..surface.errors import warn

PASS_ON = Dropout, Flatten, Masking, Merge, RepeatVector, Reshape  # values as they come
SHARES = "softmax", "sigmoid", "hard_sigmoid", "hard_sigmoid_keras2"  # from 0 to 1


def are_shares(chain):
    """Whether what a chain of layers puts out lies from 0 to 1; True where nobody can tell."""
    for part in reversed(chain):
        linear = isinstance(part, Activation) and part.activation == "linear"
        if isinstance(part, RNN | Activation) and not linear:
            return part.activation in SHARES
        if isinstance(part, Dense | Embedding):
            return False
        if not linear and not isinstance(part, PASS_ON):
            break
    return True


def warn_of_outputs(model):
    """Say, once after each `compile`, that the loss cannot learn from such outputs."""
    if model.outputs_doubted:
        return
    model.outputs_doubted = True
    last, layer, loss = model.network.chain[-1], model.layers[-1], model.loss
    if not loss.fused:  # it reads any numbers
        return
    if isinstance(last, Activation) and last.activation == "softmax" and last.units_out == 1:
        warn(
            f"The one output of layer {layer.name!r} is a softmax over itself, which is always 1: "
            "nothing is learned.\n"
            "Expected: activation='sigmoid' with binary_crossentropy, or an output for each class"
        )
    elif not are_shares(model.network.chain):
        activation, *_ = loss.fused
        warn(
            f"{loss.name} reads probabilities, and layer {layer.name!r} puts out any numbers: what "
            "lies outside 0 to 1 is cut off and has no gradient, so little is learned.\n"
            f"Expected: activation={activation!r} in the last layer, or the loss 'mse' for numbers"
        )


def warn_of_streams(model, batches):
    """Say that a call without `batch_size` reads samples side by side where a state is carried."""
    state, rows = model.state, batches.rows
    if not batches.hand_on or rows == 1 or state.default_rows is not None or not state.free:
        return
    each = f"{batches.count} sample" + "s" * (batches.count > 1)
    warn(
        f"No batch_size is given, so a stateful model reads {rows} samples side by side: {rows} "
        f"streams of {each}, each with a state of its own.\n"
        "Expected: batch_size=1, if each sample goes on from the one before it; "
        f"batch_size={rows}, if {rows} streams are meant"
    )
