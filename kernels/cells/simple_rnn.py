"""The plain recurrent cell: the equations of one step forward and, under them, of one backward.

A step, for one row (sample) of the batch; z, g, h as in ``docs/notation.md``:

    z = b + x W + h_prev U      pre-activation of the one gate
    g = phi(z)                  candidate; phi: the activation
    h = g                       the state, and the output

Source: Elman 1990; as ``keras.layers.SimpleRNN``.
"""

from ..activations import activate, activate_backward
from .cell import cell


@cell(gates="g", states="h", elementwise=True)
def simple_rnn(g, h, phi):
    """One step forward.  g (H): z in, the candidate out;  h out."""
    activate(phi, g)  # g = phi(z)
    for j in range(len(h)):
        h[j] = g[j]


@simple_rnn.backward
def simple_rnn_backward(g, dh, dg, phi):
    """One step backward.  dh (H) in: all that reaches h;  dg: of z, out."""
    for j in range(len(dh)):
        dg[j] = dh[j]  # h = g
    activate_backward(phi, g, dg)  # dz = dg * phi'(z)
