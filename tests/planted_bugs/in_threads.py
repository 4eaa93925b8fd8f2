"""Bugs that one thread alone would never show."""

from functools import partial

from tests.planted_bugs.planting import Bug

ALONE = "twin_training twin_loop twin_dropout twin_weights law_chunks law_calls"
bug = partial(Bug, unseen=ALONE)

UNITS = [
    bug(
        "share.own_units",
        "the last units of a layer are nobody's",
        "-(-H // (batch.threads * LINE)) * LINE",
        "H // (batch.threads * LINE) * LINE",
        caught="law_shared_rows law_together",
    ),
    bug(
        "share.own_columns",
        "of the gates' blocks a thread has columns of the first alone",
        "Columns(begin, ...)",
        "Columns(begin, end, H, blocks if batch.copies > 0 else 1, 0)",
        caught="law_together",
    ),
    bug(
        "share.own_columns",
        "what threads have packed overlaps, where a block ends within a cache line",
        "-(-H // LINE) * LINE - H",
        "0",
        caught="law_together",
    ),
    bug(
        "recurrent_forward",
        "nobody waits for the other units of h",
        "if not all_there(batch): ...",
        "pass",
        caught="law_shared_rows law_together",
    ),
    bug(
        "recurrent_backward",
        "nobody waits for the other units of dz",
        "if not all_there(batch): ...",
        "pass",
        caught="law_together",
    ),
    bug(
        "forward_of.step_forward",
        "each thread takes the step of the first units",
        "r * H + begin",
        "r * H",
        caught="law_shared_rows law_together",
    ),
    bug(
        "moves.own_pieces",
        "each thread moves the units of the first one",
        "return begin, ...",
        "return 0, end - begin, H, B",
        caught="law_together",
    ),
    bug(
        "moves.rows_of_planes",
        "each thread puts its dz where the first one's is",
        "z + (q * layer.gates + k) * H + begin",
        "z + (q * layer.gates + k) * H",
        caught="law_together",
    ),
    bug(
        "moves.put_dx_in_order",
        "each thread turns all columns of dx round",
        "range(columns.first, columns.last)",
        "range(D)",
        caught="law_together",
    ),
    bug(
        "rows.sum_rows",
        "together, all threads sum up into the first columns",
        "view(out, columns.first, ...)",
        "view(out, 0, (columns.last - columns.first,))",
        caught="law_together",
    ),
    bug(
        "add_block",
        "a thread's last panel goes on into the columns of the next one",
        "end - j",
        "out.shape[1] - j",
        caught="law_together",
    ),
]

ROWS = [
    bug(
        "dropout_forward",
        "every thread drops what the first rows drop",
        "first = ...",
        "first = t * whole",
        caught="law_threads",
    ),
    bug(
        "dropout_forward",
        "elements of a mask counted in the rows of a thread",
        "first = ...",
        "first = t * n + batch.before * layer.units",
        caught="law_threads",
    ),
    bug(
        "thinned.draw_masks",
        "every thread drops the state that the first rows drop",
        "... + batch.before * H",
        "G * whole * D + k * whole * H",
        caught="law_threads",
    ),
    bug(
        "add_slices",
        "the gradients of all threads but the first forgotten",
        "range(1, used)",
        "range(1, 1)",
        caught="law_threads law_threads_state",
    ),
    bug(
        "add_slices",
        "a thread without rows adds the gradient of another batch",
        "range(1, used)",
        "range(1, p.threads)",
        caught="law_threads",
    ),
    bug(
        "gather_targets",
        "a mean over the targets of a thread",
        "1.0 / (n * T)",
        "1.0 / (len(samples) * T)",
        caught="law_threads law_threads_state",
    ),
    bug(
        "leave_out_masked",
        "masked targets counted in the rows of a thread",
        "counted += ...",
        "counted += shares[other, VALID] if other == p.thread else 0",
        caught="law_threads",
    ),
    bug(
        "scoring.count",
        "metrics of the first thread alone",
        "totals[column] += ...",
        "totals[column] += shares[s, column] if s == 0 else 0.0",
        caught="law_threads law_threads_state",
    ),
    bug(
        "run_batches",
        "every thread adds the gradient of the penalties",
        "if p.penalty and p.thread == 0:\n    call(p.penalty_gradient, ...)",
        "if p.penalty:\n    call(p.penalty_gradient, (theta, grad, penalties))",
        caught="law_threads_state",
    ),
    bug(
        "loop.take_state",
        "every thread takes the state of the first rows",
        "units * rows + b.before * widths[i]",
        "units * rows",
        caught="law_threads_state",
    ),
    bug(
        "loop.give_state",
        "every thread gives the state of the first rows",
        "units * rows + b.before * widths[i]",
        "units * rows",
        caught="law_threads_state",
    ),
    bug(
        "run_batches",
        "nobody waits for the gradients of the other threads",
        "wait(p, meeting)\nif p.add_slices: ...",
        "if p.add_slices:\n    call(p.add_slices, (p, n, spans, grad))",
        caught="law_threads law_threads_state",
    ),
    bug(
        "Team.__init__",
        "every thread updates all parameters",
        "spans[k]",
        "arguments['spans']",
        caught="law_threads law_threads_state",
    ),
]
