"""The kinds of kernel that are called by address, and of which anybody may write one.

Each is said here, and only here, as a function that has its parameters: what they mean says the
document or the module that is named, what their types are says ``signatures.py``. A kernel of a
kind may give its own parameters other names, for they are passed in this order.
"""


def forward(layer, batch, flags, theta, work):
    """The kernel of a layer that reads x and writes y: ``docs/own_layer.md``."""


def backward(layer, batch, flags, theta, grad, work):
    """The kernel of a layer that reads dy and writes dx and the gradients of its tensors."""


def step(layer, batch, flags, theta, work, s, marks, z_at):
    """What the time loop of a recurrent layer calls at its s-th step: ``layers/steps.py``."""


def step_back(layer, batch, flags, theta, grad, work, s, marks):
    """The same on the way back."""


def loss(z, target, weight, y, dz, option) -> float:
    """The loss of the rows of a batch, which writes its gradient dz: ``docs/own_loss.md``."""


def metric(y, target, valid) -> float:
    """The one sum of a metric: ``docs/own_loss.md``."""


def metric_of_sums(y, target, valid, option, sums):
    """What adds to the several sums of a metric: ``training/metrics.py``."""


def update(rule, theta, grad, moments, start, stop):
    """An optimiser's update of a span of theta: ``docs/own_optimizer.md``."""


def advance(rule):
    """What changes an optimiser's numbers once an update."""


def penalty(tensor, w) -> float:
    """The penalty on a parameter: ``docs/own_parts.md``."""


def penalty_gradient(tensor, w, dw):
    """What adds the gradient of the penalty."""


def constraint(tensor, w):
    """What a parameter is after an update: ``docs/own_parts.md``."""
