"""The GRU: the equations of one step forward and, under them, of one step backward.

A step, for one row (sample) of the batch; what comes from x and from h_prev stays apart, with a
bias each, since the candidate needs them so:

    z   = b + x W               blocks u | r | g
    z_h = b_h + h_prev U        likewise; in the code u_h is z_h_u, and so on
    u = sigma(z_u + z_h_u)              update gate: how much of h_prev stays
    r = sigma(z_r + z_h_r)              reset gate: how much of it the candidate reads
    g = phi(z_g + r * z_h_g)            candidate
    h = u * h_prev + (1 - u) * g        the state, and the output

Sources: Cho et al. 2014; as ``keras.layers.GRU(reset_after=True)``, which calls u "z" and g "h".
"""

from ..activations import activate, activate_backward
from .cell import cell


@cell(gates="urg", states="h", apart=True, elementwise=True)
def gru(u, r, g, u_h, r_h, g_h, h_prev, h, phi, sigma):
    """One step forward.  u, r, g (H): z in, the gate out;  u_h, r_h, g_h: z_h in;  h out."""
    for j in range(len(h)):
        u[j] += u_h[j]
        r[j] += r_h[j]
    activate(sigma, u)  # u = sigma(z_u + z_h_u)
    activate(sigma, r)  # r = sigma(z_r + z_h_r)
    for j in range(len(h)):
        g[j] += r[j] * g_h[j]
    activate(phi, g)  # g = phi(z_g + r * z_h_g)
    for j in range(len(h)):
        h[j] = g[j] + u[j] * (h_prev[j] - g[j])  # u * h_prev + (1 - u) * g


@gru.backward
def gru_backward(u, r, g, g_h, h_prev, dh, du, dr, dg, du_h, dr_h, dg_h, dh_prev, phi, sigma):
    """One step backward: gradients from the one that reaches h.

    dh (H) in;  du, dr, dg: of z, and du_h, dr_h, dg_h: of z_h, out;  dh_prev: what goes back past
    z_h, out.
    """
    for j in range(len(dh)):
        du[j] = dh[j] * (h_prev[j] - g[j])  # h = u * h_prev + (1 - u) * g
        dg[j] = dh[j] - dh[j] * u[j]
        dh_prev[j] = dh[j] * u[j]  # that of h_prev U the time loop adds
    activate_backward(sigma, u, du)  # dz_u = du * sigma'(z_u + z_h_u)
    activate_backward(phi, g, dg)  # dz_g = dg * phi'(z_g + r * z_h_g)
    for j in range(len(dh)):
        dr[j] = dg[j] * g_h[j]  # z_g + r * z_h_g
        dg_h[j] = dg[j] * r[j]
    activate_backward(sigma, r, dr)  # dz_r = dr * sigma'(z_r + z_h_r)
    for j in range(len(dh)):
        du_h[j] = du[j]  # z_u + z_h_u
        dr_h[j] = dr[j]  # z_r + z_h_r
