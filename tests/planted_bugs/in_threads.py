"""Bugs that one thread alone would never show."""

from functools import partial

from tests.planted_bugs.planting import Bug

ALONE = "twin_training twin_loop twin_dropout twin_weights law_chunks law_calls"
bug = partial(Bug, unseen=ALONE)
in_loop = partial(bug, "kernels/training/loop.py")
in_scoring = partial(bug, "kernels/training/scoring.py")
in_meeting = partial(bug, "kernels/threads/meeting.py")

THREADS = [
    bug(
        "kernels/layers/dropout.py",
        "every thread drops what the first rows drop",
        "first = t * whole + batch.before * layer.units",
        "first = t * whole",
        caught="law_threads",
    ),
    bug(
        "kernels/layers/dropout.py",
        "elements of a mask counted in the rows of a thread",
        "first = t * whole + ",
        "first = t * n + ",
        caught="law_threads",
    ),
    bug(
        "kernels/layers/lstm_dropout.py",
        "every thread drops the state that the first rows drop",
        "4 * whole * D + k * whole * H + batch.before * H",
        "4 * whole * D + k * whole * H",
        caught="law_threads",
    ),
    bug(
        "kernels/tables.py",
        "the last units of a row are nobody's",
        "size = -(-n // (batch.parts * unit)) * unit",
        "size = n // (batch.parts * unit) * unit",
        caught="law_shared_rows law_together",
    ),
    bug(
        "kernels/tables.py",
        "each of the threads that are together does what is too small to share",
        "return batch.together == 0 or batch.part == 0",
        "return True",
        caught="law_together",
    ),
    bug(
        "kernels/layers/lstm.py",
        "together, every thread takes the state of the first rows",
        "own, size = first * H + begin, ",
        "own, size = begin, ",
        caught="law_together",
    ),
    bug(
        "kernels/layers/lstm.py",
        "nobody waits for the other units of h",
        "not all_there(batch):  # the other units, or rows, of h_prev",
        "False:",
        caught="law_shared_rows law_together",
    ),
    bug(
        "kernels/layers/lstm.py",
        "together, nobody waits for the other columns of dh",
        "not all_there(batch):  # the other columns of dh_prev",
        "False:",
        caught="law_together",
    ),
    bug(
        "kernels/products/matrix.py",
        "together, all threads sum up into the first columns",
        "add(a[r, begin:end], out[begin:end])",
        "add(a[r, begin:end], out[: end - begin])",
        caught="law_together",
    ),
    bug(
        "kernels/products/blocked.py",
        "a thread's last panel goes on into the columns of the next one",
        "j, high, end - j, ask_at)",
        "j, high, out.shape[1] - j, ask_at)",
        caught="law_together",
    ),
    bug(
        "kernels/layers/lstm.py",
        "a thread copies the units of the first one",
        "source = whole[q, k * H + begin : k * H + end]",
        "source = whole[q, k * H : k * H + width]",
        caught="law_shared_rows",
    ),
    bug(
        "tinylstm/program.py",
        "helpers go on with the parameters of the first call",
        'self.batch["renew"] = 1',
        'self.batch["renew"] = self.model.changes == 0',
        caught="law_shared_rows",
    ),
    in_meeting(
        "the gradients of all threads but the first forgotten",
        "for s in range(1, used):",
        "for s in range(1, 1):",
        caught="law_threads law_threads_state",
    ),
    in_meeting(
        "a thread without rows adds the gradient of another batch",
        "for s in range(1, used):",
        "for s in range(1, p.threads):",
        caught="law_threads",
    ),
    in_scoring(
        "a mean over the targets of a thread",
        "1.0 / (n * T)",
        "1.0 / (len(samples) * T)",
        caught="law_threads law_threads_state",
    ),
    in_scoring(
        "masked targets counted in the rows of a thread",
        "counted += shares[other, VALID]",
        "counted += shares[other, VALID] if other == p.thread else 0",
        caught="law_threads",
    ),
    in_scoring(
        "metrics of the first thread alone",
        "totals[column] += shares[s, column]",
        "totals[column] += shares[s, column] if s == 0 else 0.0",
        caught="law_threads law_threads_state",
    ),
    in_loop(
        "every thread adds the gradient of the penalties",
        "if p.penalty and p.thread == 0:\n                    call",
        "if p.penalty:\n                    call",
        caught="law_threads_state",
    ),
    in_loop(
        "every thread carries the state of the first rows",
        "units * rows + b.before * widths[i]",
        "units * rows",
        caught="law_threads_state",
        times=2,
    ),
    in_loop(
        "nobody waits for the gradients of the other threads",
        "wait(p, meeting)\n            if p.add_slices",
        "if p.add_slices",
        caught="law_threads law_threads_state",
    ),
    bug(
        "tinylstm/team.py",
        "every thread updates all parameters",
        '"runs": parts[k]',
        '"runs": tables["runs"]',
        caught="law_threads law_threads_state",
    ),
]
