"""Bugs in the LSTM."""

from functools import partial

from tests.planted_bugs.planting import Bug

bug = partial(Bug, "kernels/layers/lstm.py")
DIFFERENCES = (
    "differences_stateless differences_stateful differences_batch_carried differences_backwards "
    "differences_masked differences_by_gradient_check"
)
LAWS = "law_samples law_chunks law_batch_carried law_rows law_reset law_calls law_mixed_stack"

FORWARD = [
    bug(
        "gates i and f swapped, forward and backward",
        "I, F, G, O = range(4)",
        "F, I, G, O = range(4)",
        caught="twin_stateless twin_stateful twin_batch_carried twin_masks twin_training",
        unseen=f"{DIFFERENCES} {LAWS}",
    ),
    bug(
        "the t = 0 recurrent term dropped from z",
        "if carried > 0:",
        "if carried > 0 and s > 0:",
        caught="twin_stateful differences_stateful law_chunks twin_training",
        unseen="twin_stateless law_samples law_batch_carried",
    ),
    bug(
        "the c that goes out is the one before the last step",
        "move(work, c + own, state_c(batch.state_out, layer, B) + own, size)",
        "move(work, c_prev + own, state_c(batch.state_out, layer, B) + own, size)",
        caught="twin_stateless twin_stateful differences_stateful law_chunks twin_training",
        unseen="differences_by_gradient_check",
    ),
    bug(
        "the carry taken from the wrong row",
        "move(work, state_h(batch.state_in, layer, B) + own, h_prev + own, size)",
        "for r in range(B):\n"
        "            state_r = state_h(batch.state_in, layer, B) + (r + 1) % B * H\n"
        "            move(work, state_r, h_prev + r * H, H)",
        caught="twin_stateful law_chunks law_rows twin_training",
        unseen="twin_stateless twin_batch_carried",
    ),
    bug(
        "a held step loses c",
        "move(work, c_prev + place, c + place, width)",
        "pass",
        caught="twin_masks differences_masked twin_loop",
        unseen="twin_stateless twin_stateful twin_restarts",
    ),
    bug(
        "a held step puts out zeros, not the last output",
        "if s == 0:\n        zeros",
        "if s >= 0:\n        zeros",
        caught="twin_masks",
    ),
    bug(
        "a restart leaves c as it is, forward and backward",
        "fill(c[(r - first) * H : (r - first + 1) * H], zero)",
        "pass",
        caught="twin_restarts",
        unseen=f"{DIFFERENCES} law_samples law_chunks law_batch_carried law_reset",
    ),
    bug(
        "a stateless layer goes on from the batch before",
        "or (s == 0 and carry == 0)",
        "or False",
        caught="law_mixed_stack",
        unseen=f"{DIFFERENCES} twin_training",
    ),
    Bug(
        "tinylstm/layers/recurrent.py",
        "go_backwards reads the steps in their order",
        "int(self.go_backwards)",
        "0",
        caught="twin_backwards",
        unseen="differences_backwards",
    ),
]

BACKWARD = [
    bug(
        "the t = 0 recurrent term dropped from dU",
        "zero_steps = 0 if layer.carry else 1",
        "zero_steps = 1",
        caught="twin_stateful twin_training law_chunks differences_stateful",
        unseen="twin_stateless law_samples law_batch_carried",
    ),
    bug(
        "dU of a sequence read backwards leaves out the wrong step",
        "skip = 0 if layer.go_backwards else",
        "skip =",
        caught="twin_backwards differences_backwards",
        unseen="twin_stateless twin_stateful",
    ),
    bug(
        "dh not passed on",
        "return add_product_nt_again(dz, U, dh_prev, batch, work, times, "
        "layer.buffer[PACKED_U], ready)",
        "return ready",
        caught="twin_stateless differences_stateless differences_by_gradient_check",
        unseen="law_samples law_chunks law_batch_carried",
    ),
    bug(
        "on the way back U, packed for the way forth, is read for U'",
        "ready = 0\n    for s in range(T - 1",
        "ready = 1\n    for s in range(T - 1",
        caught="twin_sizes",
        unseen="twin_stateless differences_stateless",
    ),
    bug(
        "x W of a group of steps read from the group before",
        "work, start * B, z_rows",
        "work, max(start - group, 0) * B, z_rows",
        caught="twin_groups",
        unseen="twin_stateless twin_sizes",
    ),
    bug(
        "dc not passed on",
        "copy(dc_prev, dc)",
        "fill(dc, dc.dtype.type(0))",
        caught="twin_stateless differences_stateless differences_by_gradient_check",
        unseen="law_samples law_chunks law_batch_carried",
    ),
    bug(
        "df from c, not c_prev",
        "view(work, layer.buffer[C_PREV] + t * n + own, (size,)),",
        "view(work, layer.buffer[C_PREV] + (t + 1) * n + own, (size,)),",
        caught="twin_stateless differences_stateless",
        unseen=LAWS,
    ),
    bug(
        "a held step lets no gradient of h through",
        "fill(dz[t, r], dz.dtype.type(0))",
        "fill(dz[t, r], dz.dtype.type(0)); fill(dh[r * H : (r + 1) * H], dz.dtype.type(0))",
        caught="twin_masks differences_masked",
        unseen="twin_stateful differences_stateful",
    ),
    bug(
        "the gradient of a repeated output is lost",
        "fill(dz[t, r], dz.dtype.type(0))",
        "fill(dz[t, r], dz.dtype.type(0)); fill(dout[r * H : (r + 1) * H], dz.dtype.type(0))",
        caught="twin_masks differences_masked",
        unseen="twin_stateful differences_stateful",
    ),
    bug(
        "the gradient flows on through a restart",
        "restart(flags, t, s, B, first, last, layer.carry, dh, dc)",
        "pass",
        caught="twin_restarts",
        unseen=f"{DIFFERENCES} twin_stateful",
    ),
    bug(
        "the gradient cut between samples of batch_carried",
        "restart(flags, t, s, B, first, last, layer.carry, dh, dc)",
        "restart(flags, t, s, B, first, last, layer.carry, dh, dc)\n"
        "        if batch.chain > 1 and s % layer.steps == 0:\n"
        "            fill(dh, dh.dtype.type(0)); fill(dc, dc.dtype.type(0))",
        caught="twin_batch_carried differences_batch_carried law_batch_carried",
        unseen="twin_stateless twin_stateful differences_stateful law_chunks",
    ),
    bug(
        "no gradient of the h that came in",
        "if s > 0 or layer.need_dstate:",
        "if s > 0:",
        caught="twin_stateful differences_stateful law_chunks",
        unseen="twin_stateless twin_training",
    ),
    bug(
        "the first step left out of db",
        "sum_rows(dz, view(grad",
        "sum_rows(dz[B:], view(grad",
        caught="twin_stateless differences_stateless law_chunks",
        unseen="law_batch_carried",
    ),
]
