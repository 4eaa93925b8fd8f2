"""Penalties on the weights, added to the loss: l1 sum |w| + l2 sum w^2, or one of one's own.

One of one's own is a pair of kernels, called by address; the usual one is here, and has none.

    cost = value(tensor, w)        gradient(tensor, w, dw):  dw += dcost/dw

w, dw (n, m) are one parameter and its gradient, of a vector (n, 1); ``tensor.option`` has up to
four numbers that the penalty was made with.
"""

from ..compiling import call, call_value, kernel, view

L1, L2 = range(2)  # of the options of a tensor whose penalty has no kernels


@kernel
def l1_l2_of_all(theta, penalties) -> float:
    """Sum over the tensors of l1 sum |w| + l2 sum w^2: a row of the table each."""
    total = 0.0
    for k in range(len(penalties)):
        one = penalties[k]
        w = theta[one.start : one.start + one.rows * one.columns]
        absolute, squares = 0.0, 0.0
        for j in range(len(w)):
            absolute += abs(w[j])
            squares += w[j] * w[j]
        total += one.option[L1] * absolute + one.option[L2] * squares
    return total


@kernel
def l1_l2_gradient_of_all(theta, grad, penalties):
    """dw += l1 sign(w) + 2 l2 w for every tensor."""
    c = theta.dtype.type
    for k in range(len(penalties)):
        one = penalties[k]
        stop = one.start + one.rows * one.columns
        w, dw = theta[one.start : stop], grad[one.start : stop]
        l1, l2 = c(one.option[L1]), c(2.0 * one.option[L2])
        for j in range(len(w)):
            sign = c(1) if w[j] > 0 else (c(-1) if w[j] < 0 else c(0))
            dw[j] += l1 * sign + l2 * w[j]


@kernel
def penalty_of_all(theta, penalties) -> float:
    """The same where some of them are one's own."""
    total = 0.0
    for k in range(len(penalties)):
        one = penalties[k]
        if one.kernel:
            w = view(theta, one.start, (one.rows, one.columns))
            total += call_value(one.kernel, (one, w))
        else:
            total += l1_l2_of_all(theta, penalties[k : k + 1])
    return total


@kernel
def penalty_gradient_of_all(theta, grad, penalties):
    """dw += the gradient of its penalty, for every tensor."""
    for k in range(len(penalties)):
        one = penalties[k]
        if one.kernel:
            w = view(theta, one.start, (one.rows, one.columns))
            dw = view(grad, one.start, (one.rows, one.columns))
            call(one.gradient, (one, w, dw))
        else:
            l1_l2_gradient_of_all(theta, grad, penalties[k : k + 1])
