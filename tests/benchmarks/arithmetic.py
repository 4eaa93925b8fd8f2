"""How much arithmetic a training step is: the figure behind GFLOP/s.

Counted are the multiply-adds of the matrix products that a training step cannot do without, each as
two floating-point operations.  For a layer LSTM(H) over D features, of B rows and T steps:

========== ================= =====================================================================
forward    B T D 4H          x @ W
forward    B (T - 1) H 4H    h @ U; at the first step h is zero, or else carried: then B T H 4H
backward   B T D 4H          dW
backward   B (T - 1) H 4H    dU; B T H 4H where the state is carried
backward   B (T - 1) H 4H    dz @ U.T; no gradient goes before the first step
backward   B T D 4H          dz @ W.T; only where a layer below learns
========== ================= =====================================================================

and for Dense(K) over the H units of one step, or of each: three times B H K or B T H K.  Not
counted: activations, the loss, reading batches, Adam.  Their time counts nevertheless, so that what
GFLOP/s say is how much of a training step the products are, and how fast.
"""


def multiply_adds(workload):
    """Multiply-adds of a training step.

    Parameters
    ----------
    workload : Workload
        Its batch size, the shape of X, its units, outputs, and whether its state is carried.
    """
    B, (_, T, D) = workload.batch, workload.X.shape
    total, fan_in = 0, D
    for k, H in enumerate(workload.units):
        input_products = 3 if k else 2
        carried = 2 * T if workload.stateful else 2 * (T - 1)
        total += B * 4 * H * (input_products * T * fan_in + (carried + T - 1) * H)
        fan_in = H
    answers = T if workload.each_step else 1
    return total + 3 * B * answers * fan_in * workload.outputs
