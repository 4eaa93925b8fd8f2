"""The sections of docs/performance.md around those on training, each a sequence of lines."""

from statistics import median

from tests.benchmarks import tables
from tests.benchmarks.engines import ENGINES
from tests.benchmarks.figures import geometric_mean, ratios
from tests.benchmarks.jobs import PARTS
from tests.benchmarks.startup import TARGETS
from tests.benchmarks.tables import table

SHOWN = 0.2  # seconds of compilation that a kernel takes to be named


def head(figures):
    """What this is, on which machine, and the result in a few lines."""
    yield "# Performance"
    yield ""
    yield "What tinylstm and its peers take, measured in turn, one at a time, on one machine."
    yield "All of this page but the section by hand is written by"
    yield "`python -m tests.benchmarks --page docs/performance.md`; see"
    yield "[how it is measured](performance.md#how-it-is-measured)."
    yield ""
    yield from machines(figures.data["runs"])
    yield from summary(figures)


def machines(runs):
    """Each machine with its versions, and when it was measured."""
    found = {}
    for run, at in runs.items():
        where = f"{at['processor']}, {at['cores']} cores, {at['system']}, Python {at['python']}"
        when, versions = found.setdefault(where, ([], {}))
        load = "" if at["load"] is None else f", load before it {at['load']}"
        when.append(f"{run} for {at['minutes']:.1f} minutes{load}")
        versions |= dict.fromkeys(at["engines"].values())
    for where, (when, versions) in found.items():
        yield f"{where}; {'; '.join(versions)}. Measured:"
        yield ""
        yield from (f"- {run}" for run in when)
        yield ""


def summary(figures):
    """Ratios to the best peer of each part, and where a peer is ahead."""
    if not figures.data["results"]:
        yield "Nothing has been measured yet."
        yield ""
        return
    rows, behind = [], []
    for name in ("small", "large", "prediction"):
        part = figures.part(name)
        values = list(ratios(part).values())
        if values:
            mean, least, most = geometric_mean(values), min(values), max(values)
            rows.append([PARTS[name].title, *(f"{value:.2f}" for value in (mean, least, most))])
        behind += tables.ahead(part)
    yield "Time of tinylstm over that of the best peer at each job; below 1, tinylstm is faster:"
    yield ""
    yield from table(["", "geometric mean", "least", "most"], rows)
    yield "Where a peer is ahead of tinylstm:" if behind else "No peer is ahead anywhere."
    yield ""
    yield from behind
    yield ""


def prediction(figures):
    """Streaming, whole sequences and closed loops."""
    part = figures.part("prediction")
    if not part:
        return
    yield "## Prediction"
    yield ""
    yield "Microseconds a call from Python, float32: median (least-most). A stream is batch 1 with"
    yield "the state carried; of a closed loop, 1000 steps a call, it is the time of one step."
    yield ""
    yield from tables.times(part)
    yield from tables.comparisons(part)


def closed_loops(figures):
    """`generate` beside as many steps of a stream without Python, model by model."""
    models = figures.data["alone"].get("generation", {}).get("microseconds", {})
    rows = []
    for title, took in models.items():
        alone = took["steps alone"]
        found = [values for what, values in took.items() if what != "steps alone"]
        cells = [f"{median(values):.2f} ({times(values, alone):.2f})" for values in found]
        rows.append([title, f"{median(alone):.2f}", *cells])
    if rows:
        yield "## Closed loops"
        yield ""
        yield "Microseconds a step of `generate`, and in brackets how many times the same steps in"
        yield "compiled code that feed nothing back."
        yield ""
        yield from table(["", *next(iter(models.values()))], rows)


def times(values, alone):
    """The median ratio of two lists, round by round."""
    return median(b / a for a, b in zip(alone, values, strict=True))


def starting(figures):
    """Starts, and what each kernel compiles in."""
    found = figures.data["alone"].get("starts")
    if not found:
        return
    yield "## Starting"
    yield ""
    yield "Seconds from the start of a process to the end of its first trained epoch or prediction."
    yield ""
    rows = [
        [name, *(f"{of(values):.2f}" for of in (median, min, max)), str(TARGETS[name])]
        for name, values in found["seconds"].items()
    ]
    yield from table(["", "median", "least", "most", "target"], rows)
    yield from compilation(found["kernels"])


def compilation(costs):
    """What each kernel takes to compile; the small ones together."""
    total, small = sum(own for own, *_ in costs), [own for own, *_ in costs if own < SHOWN]
    yield f"In one such start, training, compilation took {total:.1f} s:"
    yield ""
    rows = [
        [f"`{name.removeprefix('tinylstm.kernels.')}`", f"{own:.2f}", f"{deep:.2f}"]
        for own, deep, _, name in costs
        if own >= SHOWN
    ]
    rows.append([f"{len(small)} more, each under {SHOWN} s", f"{sum(small):.2f}", ""])
    yield from table(["kernel", "own s", "with what it calls"], rows)


def method(figures):
    """How all this is measured."""
    yield "## How it is measured"
    yield ""
    yield "`python -m tests.benchmarks` takes every engine that is installed (`pip install -e"
    yield '".[bench]"`), each in a process of its own, prepares it, chooses the fastest of its'
    yield "variants, and then lets the engines measure in turn, A B C A B C. All start from the"
    yield "same weights on the same data; first losses and outputs are compared with tinylstm's;"
    yield "a † marks a time whose answer differs by more than a thousandth. A ‡ marks a line whose"
    yield "engines were not measured in one run. `--part`, `--job`, `--engine` and `--rounds`"
    yield "restrict it; results are kept in `figures.json` beside the plots, so that parts can be"
    yield "measured again, and `python -m tests.benchmarks page` writes the page without measuring."
    yield "Operations are counted in `tests/benchmarks/arithmetic.py`, the lower bound in"
    yield "`tests/benchmarks/floor.py`; the variants are in `tests/benchmarks/engines/`."
    yield ""
    yield from agreement(figures)


def agreement(figures):
    """How far first losses and outputs differ from tinylstm's."""
    for name in ("small", "large", "prediction"):
        rows = [r for results in figures.part(name).values() for r in results if r.differs]
        if rows:
            worst = max(rows, key=lambda r: r.differs)
            yield f"- {PARTS[name].title}: the largest difference is {worst.differs:.1e},"
            yield f"  of {ENGINES[worst.engine]} on {worst.title}."
    yield "- Losses are not compared where a rounding decides them: the training of the stacked"
    yield "  cosine is chaotic in float32."
    yield ""
