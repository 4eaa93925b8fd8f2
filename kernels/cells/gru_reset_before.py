"""The GRU as first published: its reset gate stands before the product with U.

A step, for one row (sample) of the batch; letters as in ``gru.py``. Two gates read h_prev U as
everywhere, and the candidate what is left of h_prev behind the reset gate:

    z = b + x W                         blocks u | r | g; to u and r the time loop adds h_prev U
    u = sigma(z_u)                      update gate: how much of h_prev stays
    r = sigma(z_r)                      reset gate: how much of it the candidate reads
    h_r = r * h_prev
    g = phi(z_g + h_r U_g)              candidate
    h = u * h_prev + (1 - u) * g        the state, and the output

Sources: Cho et al. 2014, equations 5 to 8; as ``keras.layers.GRU(reset_after=False)``, the only one
before Keras 2.1.3.
"""

from ..activations import activate, activate_backward
from ..products import recur, recur_backward
from .cell import cell


@cell(gates="urg", states="h", inside={"g": "h_r"})
def gru_reset_before(u, r, g, h_prev, h_r, h, U_g, phi, sigma):
    """One step forward.  u, r, g (H): z in, the gate out;  h_prev in;  h_r, h out."""
    activate(sigma, u)  # u = sigma(z_u)
    activate(sigma, r)  # r = sigma(z_r)
    for j in range(len(h)):
        h_r[j] = r[j] * h_prev[j]
    recur(U_g, h_r, g)  # z_g + h_r U_g
    activate(phi, g)  # g = phi(z_g + h_r U_g)
    for j in range(len(h)):
        h[j] = g[j] + u[j] * (h_prev[j] - g[j])  # u * h_prev + (1 - u) * g


@gru_reset_before.backward
def gru_reset_before_backward(u, r, g, h_prev, U_g, dh, du, dr, dg, dh_r, dh_prev, phi, sigma):
    """One step backward: gradients from the one that reaches h.

    dh (H) in;  du, dr, dg: of z_u, z_r and z_g + h_r U_g;  dh_prev: what goes back past h_prev U,
    out.
    """
    for j in range(len(dh)):
        du[j] = dh[j] * (h_prev[j] - g[j])  # h = u * h_prev + (1 - u) * g
        dg[j] = dh[j] - dh[j] * u[j]
        dh_prev[j] = dh[j] * u[j]
    activate_backward(sigma, u, du)  # dz_u = du * sigma'(z_u)
    activate_backward(phi, g, dg)  # dz_g = dg * phi'(z_g + h_r U_g)
    recur_backward(U_g, dg, dh_r)  # dh_r = dz_g U_g'
    for j in range(len(dh)):
        dr[j] = dh_r[j] * h_prev[j]  # h_r = r * h_prev
        dh_prev[j] += dh_r[j] * r[j]
    activate_backward(sigma, r, dr)  # dz_r = dr * sigma'(z_r)
