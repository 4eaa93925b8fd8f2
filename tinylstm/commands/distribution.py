"""Numbers of many seeds: their distribution beside what was published, as a table."""

from collections import Counter

import numpy as np

HEADER = ("measure", "published", "lowest", "quarter", "median", "three quarters", "highest")
FEW = 8  # different values that are counted one by one


def measures(runs):
    """{name of a measure: its value for each seed} from runs of one demo, in order of the seeds."""
    runs = sorted(runs, key=lambda done: done.job.seed)
    return {name: [done.numbers[name] for done in runs] for name in runs[0].numbers}


def rows_of(demo, runs):
    """The table's rows, without the header."""
    return [
        (
            name,
            demo.published.get(name, "-"),
            *map(number, np.percentile(values, range(0, 101, 25))),
        )
        for name, values in measures(runs).items()
    ]


def number(value):
    """Four digits."""
    return f"{value:.4g}"


def seeds_of(runs):
    """How many seeds, and from which to which."""
    first, *others = sorted({done.job.seed for done in runs})
    return f"{1 + len(others)} seeds, {first} to {others[-1]}" if others else f"1 seed, {first}"


def print_distribution(name, demo, runs):
    """The table of one demo, and each value with its count where there are few."""
    print(f"\n{demo.title(name)}\n{seeds_of(runs)}")
    rows = [HEADER, *rows_of(demo, runs)]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        cells = [cell.rjust(width) for cell, width in zip(row, widths, strict=True)]
        print("  " + "  ".join([row[0].ljust(widths[0]), *cells[1:]]))
    for measure, values in measures(runs).items():
        counts = sorted(Counter(map(number, values)).items(), key=lambda item: float(item[0]))
        if len(counts) <= min(FEW, len(values) - 1):
            print(f"  {measure}: " + ", ".join(f"{value} x {count}" for value, count in counts))


def by_demo(runs):
    """{name of a demo: its runs}."""
    found = {}
    for done in runs:
        found.setdefault(done.job.demo, []).append(done)
    return found
