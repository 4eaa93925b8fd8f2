"""An activation as a layer of its own."""

from ..activations import SOFTMAX, activate, activate_backward, softmax, softmax_backward
from ..compiling import kernel, view
from ..vectors import copy


@kernel
def activation_forward(layer, batch, flags, theta, work):
    """y = activation(x), a layer of its own.  x, y (n, K), n rows of K features."""
    n, K = batch.rows * batch.chain * layer.steps, layer.units
    if layer.activation == SOFTMAX:
        softmax(view(work, layer.x, (n, K)), view(work, layer.y, (n, K)))
    else:
        y = view(work, layer.y, (n * K,))
        copy(view(work, layer.x, (n * K,)), y)
        activate(layer.activation, y)


@kernel
def activation_backward(layer, batch, flags, theta, grad, work):
    """dx = dy * activation'(x), from the output y.  dy, y, dx (n, K)."""
    if not layer.need_dx:
        return
    n, K = batch.rows * batch.chain * layer.steps, layer.units
    if layer.activation == SOFTMAX:
        y, dy = view(work, layer.y, (n, K)), view(work, layer.dy, (n, K))
        dx = view(work, layer.dx, (n, K))
        for r in range(n):
            softmax_backward(y[r], dy[r], dx[r])
    else:
        dx = view(work, layer.dx, (n * K,))
        copy(view(work, layer.dy, (n * K,)), dx)
        activate_backward(layer.activation, view(work, layer.y, (n * K,)), dx)
