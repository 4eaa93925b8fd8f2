"""What an optimiser of Keras 3 remembers, as variables in an order: and a model that goes on there.

::

    iteration, learning rate, moments of all trained tensors ..., product (of Nadam)

Each variable of Adam's two moments stands beside the other one of the same tensor; those of RMSprop
are one kind after the other. Without a learning rate of its own, where that follows a schedule, the
variable is not there, nor in Keras 2.
"""

import numpy as np

from ...data.gate import real_array
from ...optimizers import SGD, Adagrad, Adam, Lion, Nadam, RMSprop
from ...surface.arguments import whole_number
from ...surface.errors import mismatch, warn

SQUARES = {Adam: 1, RMSprop: 0, Adagrad: 0}  # rows of moments that are means or sums of squares
DECAY_OF_MOMENTA = 0.96  # of Nadam
LAST_FACTOR = 100_000  # of the product of momenta, which is below all floats long before


def rows_of(optimizer):
    """Rows of its moments, in the order of the variables: those beside each other in one tuple."""
    if isinstance(optimizer, Adam):
        return [(0, 1)]
    if isinstance(optimizer, SGD):
        return [(0,)] if optimizer.momentum else []
    if isinstance(optimizer, RMSprop):
        momentum, centered = [(1,)] * bool(optimizer.momentum), [(2,)] * bool(optimizer.centered)
        return [(0,), *momentum, *centered]
    if isinstance(optimizer, Adagrad | Lion):
        return [(0,)]
    raise mismatch("This optimizer is one that Keras has not.", "one of Keras'", repr(optimizer))


def views_of(model):
    """The moments of all trained tensors, in the order of the variables: views."""
    parameters, moments = model.network.parameters, model.optimizer.moments
    trained = parameters.trained_parts()
    tensors = [key for key in parameters.offsets if key[0] in trained]
    return [
        parameters.view(*key, moments[row])
        for rows in rows_of(model.optimizer)
        for key in tensors
        for row in rows
    ]


def unused_of(model):
    """Zeros for the moments that an SGD of Keras 2.11 and later has where it has no momentum."""
    optimizer, parameters = model.optimizer, model.network.parameters
    if not isinstance(optimizer, SGD) or optimizer.momentum:
        return []
    return [np.zeros_like(view) for view in parameters.weights(model.theta, train=True)]


def variables_of(model):
    """The variables of a model's optimiser, as Keras 3 has them."""
    optimizer, dtype = model.optimizer, model.dtype
    rate = [] if optimizer.decay else [np.array(optimizer.learning_rate, np.float32)]
    product = [np.array(optimizer.product, dtype)] if isinstance(optimizer, Nadam) else []
    return [np.array(optimizer.iterations, np.int64), *rate, *views_of(model), *product]


def put(model, variables, path):
    """Have the optimiser of a new model go on where the variables of a file say.

    Raises
    ------
    ValueError
        If they cannot be.
    """
    if not variables:
        if model.optimizer.decay:
            warn(
                f"The rate that falls starts anew: {path} does not say how many updates there "
                "were, as an archive of Keras 2 with an optimizer of keras.optimizers.legacy."
            )
        return
    numbers = [one for one in variables if not one.shape]
    moments = [one for one in variables if one.shape]
    places = views_of(model) or unused_of(model)
    if moments and [one.shape for one in moments] != [one.shape for one in places]:
        warn(
            f"The optimizer starts anew: {path} has {len(moments)} moments of other shapes than "
            f"the {len(places)} of what is trained."
        )
        return
    optimizer, what = model.optimizer, f"A moment in {path}"
    for place, array in zip(places if moments else [], moments, strict=True):
        place[...] = real_array(array, model.dtype, what)
    need_squares(optimizer, optimizer.moments)
    count = numbers[0].item() if numbers else 0
    optimizer.rule["iteration"] = whole_number(count, "The count of updates", least=0)
    if len(numbers) > 1 and not optimizer.decay:
        rate = numbers[1]
        if rate != rate.dtype.type(optimizer.learning_rate):  # the config has more digits of it
            optimizer.learning_rate = rate.item()
    if isinstance(optimizer, Nadam):
        optimizer.rule["product"] = product_after(optimizer, optimizer.iterations)


def need_squares(optimizer, moments):
    """Refuse means of squares that are negative: an update takes their root."""
    row = next((row for kind, row in SQUARES.items() if isinstance(optimizer, kind)), None)
    if row is not None and (moments[row] < 0).any():
        raise mismatch(
            "What the optimizer remembers of squares is negative.",
            "numbers of 0 and more",
            moments[row].min(),
        )


def product_after(optimizer, updates, decay=1.0):
    """The product of a Nadam's momenta after so many updates; decay: that of their schedule."""
    t = np.arange(1, min(updates, LAST_FACTOR) + 1)
    return np.prod(optimizer.beta_1 * (1.0 - 0.5 * DECAY_OF_MOMENTA ** (t * decay)))
