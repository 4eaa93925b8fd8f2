"""Runs sequences of random calls, and prints what was wrong with them.

A process that dies, guard words that change, a refusal that is an error of Python's and not a
sentence, a refused call that has changed something; each with a script that does it again.
"""

import argparse
import sys

from .running import run, serve

EVERY = 500  # sequences
SHOWN = set()  # keys of finds


def main():
    parser = argparse.ArgumentParser(prog="python -m tests.fuzzing", description=__doc__)
    parser.add_argument("--sequences", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1, help="of the sequences: others for another")
    parser.add_argument("--serve", type=int, nargs=2, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.serve:
        serve(*given.serve)
        return
    report = run(given.seed * 10**6, given.sequences, show)
    print(report)
    sys.exit(1 if report.finds else 0)


def show(report):
    """Say how far it has come, and what it has found on the way."""
    for key in [key for key in report.finds if key not in SHOWN]:
        SHOWN.add(key)
        _, words, _ = report.finds[key]
        print(words, file=sys.stderr, flush=True)
    if report.sequences % EVERY == 0:
        found = f"{report.sequences:,} sequences, {len(report.finds)} finds"
        print(found, file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
