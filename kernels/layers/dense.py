"""The Dense layer without its activation: one product on the last axis of 2-D or 3-D input.

y = x W + b            x (n, D), y (n, K), n: rows of the batch, or rows times steps
"""

from ..compiling import kernel, view
from ..products import (
    add_product,
    fill_columns,
    nothing,
    set_product_nt,
    set_product_tn,
    sum_rows,
)
from ..threads import own_columns

KERNEL, BIAS = range(2)  # W (D, K), b (K)


@kernel
def dense_forward(layer, batch, flags, theta, work):
    """y = x W + b.  x (n, D) in;  y (n, K) out."""
    n, D, K = batch.rows * batch.chain * layer.steps, layer.fan_in, layer.units
    W = view(theta, layer.tensor[KERNEL], (D, K))
    b = view(theta, layer.tensor[BIAS], (K,)) if layer.use_bias else nothing(theta)
    x, y = view(work, layer.x, (n, D)), view(work, layer.y, (n, K))
    fill_columns(b, y, own_columns(batch, K, 1))  # y = b
    add_product(x, W, y, batch, work)  # y += x W


@kernel
def dense_backward(layer, batch, flags, theta, grad, work):
    """dW = x' dy, db = sum dy, dx = dy W'.  dy (n, K) in;  dx (n, D), dW, db out, overwritten."""
    n, D, K = batch.rows * batch.chain * layer.steps, layer.fan_in, layer.units
    W = view(theta, layer.tensor[KERNEL], (D, K))
    x = view(work, layer.x, (n, D))
    dy = view(work, layer.dy, (n, K))
    set_product_tn(x, dy, view(grad, layer.tensor[KERNEL], (D, K)), batch, work)
    if layer.use_bias:
        sum_rows(dy, view(grad, layer.tensor[BIAS], (K,)), batch)
    if layer.need_dx:
        set_product_nt(dy, W, view(work, layer.dx, (n, D)), batch, work)  # dx = dy W'
