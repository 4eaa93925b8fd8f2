"""The plain recurrent cell: the equations of one step forward and, under them, of one backward.

    z = b + x W + h_prev U
    h = phi(z)                  phi: the activation; the state, and the output

Source: Elman 1990; as ``keras.layers.SimpleRNN``.
"""

from ..activations import activate, activate_backward
from .cell import cell


@cell(gates="z", states="h", elementwise=True)
def simple_rnn(z, h, phi):
    """One step forward.  z (H) in;  h out."""
    for j in range(len(h)):
        h[j] = z[j]
    activate(phi, h)


@simple_rnn.backward
def simple_rnn_backward(h, dh, dz, phi):
    """One step backward.  h, dh (H): all that reaches h, in;  dz out."""
    for j in range(len(h)):
        dz[j] = dh[j]
    activate_backward(phi, h, dz)  # h = phi(z)
