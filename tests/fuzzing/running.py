"""Runs sequences in a process of their own, and goes on in a new one where it dies."""

import json
import os
import subprocess
import sys
import threading

from tests.guards import NAN, SMALL
from tests.processes import ROOT

from .judging import Find, Sequence
from .statements import Statements

COMMAND = sys.executable, "-m", "tests.fuzzing"
SECONDS = 60  # of one sequence; then its process is ended


def statements_of(seed):
    """The statements of a sequence, and the bytes of its guard words."""
    return Statements(seed).sequence(), (SMALL, NAN)[seed % 2]


def serve(first, count, known=()):
    """Run sequences, and say of each, in lines of JSON, what came of it."""
    lines, known = os.fdopen(os.dup(1), "w"), set(known)
    for seed in range(first, first + count):
        print(json.dumps({"began": seed}), file=lines, flush=True)
        statements, byte = statements_of(seed)
        sequence = Sequence(statements, byte)
        found, needed = {"ended": seed, "finds": []}, statements
        for find in sequence.run():
            if find.key not in known:
                known.add(find.key)
                needed = shorter(statements, byte, find.key)
            found["finds"].append([find.key, str(find), needed])
        found["calls"], found["refusals"] = sequence.calls, sequence.refusals
        print(json.dumps(found), file=lines, flush=True)


def shorter(statements, byte, key):
    """The statements without those that a find does not need."""
    kept = list(statements)
    for statement in statements[::-1]:
        fewer = [one for one in kept if one is not statement]
        if any(find.key == key for find in Sequence(fewer, byte).run()):
            kept = fewer
    return kept


class Report:
    """What came of some sequences: counts, and one example of each find."""

    def __init__(self):
        self.sequences = self.calls = self.refusals = 0
        self.finds = {}  # by key: how often, the first one's words, its statements

    def add(self, key, words, statements):
        count = self.finds[key][0] if key in self.finds else 0
        old = self.finds.get(key, (0, words, statements))
        self.finds[key] = (count + 1, *old[1:])

    def __str__(self):
        kinds = {}
        for (kind, *_), (count, *_) in self.finds.items():
            kinds[kind] = kinds.get(kind, 0) + count
        lines = [
            f"{self.sequences:,} sequences, {self.calls:,} calls, {self.refusals:,} refusals",
            *(f"{count:,} x {kind}" for kind, count in kinds.items()),
        ]
        for count, words, statements in self.finds.values():
            lines += ["", f"{count} x {words}", script_of(statements)]
        return "\n".join(lines)


def script_of(statements):
    """A script that does the same again."""
    lines = ["from tests.fuzzing.judging import Sequence", "", "Sequence(["]
    return "\n".join([*lines, *(f"    {one!r}," for one in statements), "]).run()"])


def run(first, count, show=lambda report: None):
    """Run so many sequences, numbered from the first; returns a `Report`."""
    report, last = Report(), first + count
    while first < last:
        first = run_process(first, last - first, report, show)
    return report


def run_process(first, count, report, show):
    """Run sequences in a process until all are done or it dies; returns the next one's number."""
    command = [*COMMAND, "--serve", str(first), str(count)]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    seed = first
    try:
        while True:
            timer = threading.Timer(SECONDS, process.kill)
            timer.start()
            line = process.stdout.readline()
            timer.cancel()
            if not line:
                break
            said = json.loads(line)
            if "began" in said:
                seed = said["began"]
                continue
            report.sequences += 1
            report.calls += said["calls"]
            report.refusals += said["refusals"]
            for key, words, statements in said["finds"]:
                report.add(tuple(key), words, statements)
            seed += 1
            show(report)
    finally:
        process.stdout.close()
        code = process.wait()
    if seed < first + count:  # it died, or took too long
        statements, _ = statements_of(seed)
        find = Find("died", f"sequence {seed}", f"the process ended with {code}")
        report.sequences += 1
        report.add((find.kind, str(seed)), str(find), statements)
        return seed + 1
    return seed
