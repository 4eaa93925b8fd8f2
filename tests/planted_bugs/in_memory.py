"""Bugs in what of a recurrent layer lies where, in masks, and in dropout inside."""

from tests.planted_bugs.in_cells import DIFFERENCES
from tests.planted_bugs.planting import Bug

MEMORY = [
    Bug(
        "moves.give_states",
        "the states that go out are those before the last step",
        "count_steps(layer, batch)",
        "... - 1",
        caught="twin_stateless twin_stateful differences_stateful law_chunks twin_training",
        unseen="differences_by_gradient_check",
    ),
    Bug(
        "moves.take_states",
        "the carry taken from the wrong row",
        "move_states(...)",
        "place, apart = states_at(layer, batch, 0)\n"
        "for k in range(layer.states):\n"
        "    for r in range(batch.rows):\n"
        "        row, source = r * layer.units, (r + 1) % batch.rows * layer.units\n"
        "        move(work, came_in[0] + k * came_in[1] + source, place + k * apart + row, "
        "layer.units)",
        caught="twin_stateful law_chunks law_rows twin_training",
        unseen="twin_stateless twin_batch_carried",
    ),
    Bug(
        "memory.states_at",
        "where nothing is kept, both slots in turn are the same",
        "slot % 2",
        "0",
        caught="law_places",
        unseen="twin_stateless twin_stateful law_padding",
    ),
    Bug(
        "memory.planes_are_rows",
        "of several rows, too, gates take the place of their z",
        "batch.rows == 1 and ...",
        "not layer.apart and not layer.traced",
        caught="law_places differences_stateless",
        unseen="twin_stateless twin_stateful",
    ),
    Bug(
        "memory.dstates_at",
        "the gradients of the states have one slot, not two in turn",
        "slot % 2",
        "0",
        caught="twin_stateless differences_stateless",
        unseen="law_samples law_chunks law_batch_carried",
    ),
    Bug(
        "moves.planes_of_rows",
        "z read gate by gate, not row by row",
        "(q * layer.gates + k) * width",
        "(k * B + q) * width",
        caught="twin_stateless twin_stateful law_rows",
    ),
    Bug(
        "memory.place_of_output",
        "of samples end to end all put out in the first one's place",
        "s // layer.every",
        "0",
        caught="twin_batch_carried law_batch_carried",
        unseen="twin_stateless twin_stateful",
    ),
    Bug(
        "masks.add_dy",
        "the gradient of the last output taken at the first step",
        "(s + 1) % layer.every == 0",
        "s % layer.every == 0",
        caught="twin_stateless twin_batch_carried",
        unseen="law_samples law_rows",
    ),
    Bug(
        "moves.put_x_in_order",
        "a layer that reads backwards reads forwards",
        "(T - 1 - s) * size",
        "s * size",
        caught="twin_backwards differences_backwards law_mirror",
        unseen="twin_stateless twin_stateful",
    ),
    Bug(
        "recurrent_backward",
        "dx of a sequence read backwards stays in the order of reading",
        "moves.put_dx_in_order(...)",
        "pass",
        caught="twin_backwards differences_backwards",
        unseen="twin_stateless twin_stateful",
    ),
    Bug(
        "Recurrent.fields",
        "go_backwards reads the steps in their order",
        "int(self.go_backwards)",
        "0",
        caught="twin_backwards",
        unseen="differences_backwards",
    ),
]

MASKS = [
    Bug(
        "forward_of.step_forward",
        "a held step loses c",
        "range(layer.states)",
        "range(1)",
        caught="twin_masks differences_masked twin_loop",
        unseen="twin_stateless twin_stateful twin_restarts",
    ),
    Bug(
        "masks.put_out",
        "a held step puts out zeros, not the last output",
        "move(work, y + own - B * H, ...)",
        "view(work, y + own, (size,))[:] = 0",
        caught="twin_masks",
        unseen="twin_stateless twin_stateful",
    ),
    Bug(
        "masks.restart",
        "a restart leaves c as it is, forward and backward",
        "range(layer.states)",
        "range(1)",
        caught="twin_restarts",
        unseen=f"{DIFFERENCES} law_samples law_chunks law_batch_carried law_reset",
    ),
    Bug(
        "masks.restart",
        "a stateless layer goes on from the batch before",
        "s == 0 and layer.carry == 0",
        "False",
        caught="law_mixed_stack",
        unseen="differences_by_gradient_check twin_training",
    ),
    Bug(
        "masks.place_of_flags",
        "a layer that reads backwards takes the flags of the other end",
        "count_steps(layer, batch) - 1 - s",
        "s",
        caught="law_padding",
        unseen="twin_masks twin_backwards",
    ),
    Bug(
        "backward_of.step_backward",
        "a held step lets no gradient of h through",
        "zero_row(layer, batch, work, dz, r)",
        "...\nview(work, dbefore + at, (size,))[:] = 0",
        caught="twin_masks differences_masked",
        unseen="twin_stateful differences_stateful",
    ),
    Bug(
        "masks.add_dy",
        "the gradient of a repeated output is lost",
        "if not flags[at + r] & HOLD: ...",
        "...\n"
        "if flags[at + r] & HOLD:\n"
        "    view(work, dout + r * H + begin, (end - begin,))[:] = 0",
        caught="twin_masks differences_masked",
        unseen="twin_stateful differences_stateful",
    ),
    Bug(
        "masks.add_dy",
        "what waits before a step without a mask is forgotten",
        "return marks & HOLD > 0",
        "return False",
        caught="twin_masks differences_masked",
        unseen="twin_stateful differences_stateful",
    ),
    Bug(
        "backward_of.step_backward",
        "a held step keeps the dz of the pass before",
        "zero_row(...)",
        "pass",
        caught="law_workspace",
        unseen="twin_stateless differences_stateless",
        times=2,
    ),
]

THINNED = [
    Bug(
        "thinned.add_thinned_nt",
        "the gradient that goes back is not thinned",
        "thin(...)",
        "pass",
        caught="differences_thinned",
        unseen="differences_dropout twin_stateless",
    ),
    Bug(
        "thinned.set_thinned_tn",
        "the gradient of weights from x and h that are not thinned",
        "thin(a, ...)",
        "copy(a.reshape(-1), thinned.reshape(-1))",
        caught="differences_thinned",
        unseen="differences_dropout twin_stateless",
    ),
    Bug(
        "thinned.thin",
        "each step has its own row's mask, the next one another",
        "mask[r % len(mask)]",
        "mask[(r + r // len(mask)) % len(mask)]",
        caught="differences_thinned law_threads",
        unseen="differences_dropout twin_stateless",
    ),
]
