"""The LSTM: the equations of one step forward and, under them, of one step backward.

A step, for one row (sample) of the batch; z, i, f, g, o, c, h as in ``docs/notation.md``:

    z = b + x W + h_prev U                  pre-activations of the four gates, blocks i | f | g | o
    i = sigma(z_i)   f = sigma(z_f)         sigma: the recurrent activation
    g = phi(z_g)     o = sigma(z_o)         phi: the activation
    c = f * c_prev + i * g                  cell state
    h = o * phi(c)                          hidden state, and the output

Sources: Hochreiter and Schmidhuber 1997; Gers, Schmidhuber and Cummins 2000 (the forget gate). The
order of the gates is that of Keras, which calls g "c".

To change a copy of it in a script of your own: ``docs/own_cell.md``. To check an edit:
``python -m tinylstm gradcheck stateful --uncompiled``.
"""

from ..activations import activate, activate_backward
from .cell import cell


@cell(gates="ifgo", states="hc", kept=["phi_c"], elementwise=True)
def lstm(i, f, g, o, c_prev, c, phi_c, h, phi, sigma):
    """One step forward.  i, f, g, o (H): z in, the gate out;  c_prev in;  c, phi_c, h out."""
    activate(sigma, i)  # i = sigma(z_i)
    activate(sigma, f)  # f = sigma(z_f), the forget gate
    activate(phi, g)  # g = phi(z_g)
    activate(sigma, o)  # o = sigma(z_o)
    for j in range(len(h)):
        c[j] = f[j] * c_prev[j] + i[j] * g[j]
    for j in range(len(h)):
        phi_c[j] = c[j]
    activate(phi, phi_c)  # phi_c = phi(c)
    for j in range(len(h)):
        h[j] = o[j] * phi_c[j]


@lstm.backward
def lstm_backward(i, f, g, o, c_prev, phi_c, dh, dc, di, df, dg, do, dphi_c, dc_prev, phi, sigma):
    """One step backward: gradients from those that reach h and c.

    dh, dc (H) in: all that reaches h, and c from later steps;  di, df, dg, do: of z_i, z_f, z_g,
    z_o, and dc_prev out.
    """
    for j in range(len(dh)):
        do[j] = dh[j] * phi_c[j]  # h = o * phi(c)
        dphi_c[j] = dh[j] * o[j]
    activate_backward(phi, phi_c, dphi_c)  # dphi_c * phi'(c): the part of dc
    for j in range(len(dh)):
        dc[j] += dphi_c[j]
        di[j] = dc[j] * g[j]  # c = f * c_prev + i * g
        dg[j] = dc[j] * i[j]
        df[j] = dc[j] * c_prev[j]  # the forget gate's
        dc_prev[j] = dc[j] * f[j]
    activate_backward(sigma, i, di)  # dz_i = di * sigma'(z_i)
    activate_backward(sigma, f, df)  # dz_f, the forget gate's
    activate_backward(phi, g, dg)  # dz_g
    activate_backward(sigma, o, do)  # dz_o
