"""Measuring for the page: jobs by all engines, and what only tinylstm has."""

from tests.benchmarks import compile_times, floor, generation, startup
from tests.benchmarks.engines import ENGINES
from tests.benchmarks.jobs import PARTS, find
from tests.benchmarks.rounds import Engine, compare


def measure(figures, jobs, engines, settings, say):
    """Every job with the engines of its part; what there is is saved after each.

    Parameters
    ----------
    figures : Figures
    jobs : list of str
    engines : sequence of str
        Those that may take part.
    settings : dict
        Rounds and seconds in place of the parts' own, or None.
    say : callable
        Told what is going on.
    """
    parts = {job: part for part in PARTS.values() for job in part.jobs}
    wanted = {name for job in jobs for name in parts[job].engines if name in engines}
    running = {name: Engine(name) for name in ENGINES if name in wanted}
    for each in running.values():
        say(f"{each.name:19} {each.version or 'left out: ' + each.missing}")
    running = {name: each for name, each in running.items() if each.version}
    figures.begin({name: each.version for name, each in running.items()})
    for job in jobs:
        part = parts[job]
        competing = [running[name] for name in part.engines if name in running]
        rounds, seconds = (settings[name] or getattr(part, name) for name in ("rounds", "seconds"))
        results = compare(competing, job, rounds, seconds, say)
        if part is PARTS["small"]:
            figures.data["floors"][job] = floor.microseconds(find(job))
        figures.keep(job, results)
    for each in running.values():
        each.close()


def starts(figures):
    """Seconds to a first batch, and what each kernel compiles in."""
    with startup.bytecode():
        found = {"seconds": startup.starts(3), "kernels": compile_times.kernel_costs()}
    figures.keep_alone("starts", found)


def closed_loops(figures):
    """Generation beside as many steps of a stream."""
    figures.keep_alone("generation", {"microseconds": dict(generation.measured(7))})


ALONE = {"generation": closed_loops, "starts": starts}  # parts without peers
