"""Tables of the page, in Markdown."""

from tests.benchmarks.engines import ENGINES
from tests.benchmarks.figures import AGREE, best_peer, geometric_mean, ours, ratio, ratios

APART = " ‡"  # not measured in one run
OTHER = " †"  # another answer


def table(head, rows):
    """Lines of a table; the first column is words, the others are numbers."""
    yield "| " + " | ".join(head) + " |"
    yield "| --- |" + " ---: |" * (len(head) - 1)
    for row in rows:
        yield "| " + " | ".join(row) + " |"
    yield ""


def number(value):
    """Three digits or so, never a power of ten."""
    places = 2 if value < 10 else 1 if value < 100 else 0
    return f"{value:,.{places}f}"


def engines_of(part):
    """Engines that have results in a part, in their order, but for tinylstm on one thread."""
    found = {r.engine for results in part.values() for r in results}
    return [name for name in ENGINES if name in found and name != "tinylstm_one_thread"]


def times(part, unit=1.0):
    """Median and spread of every engine on every job; the fastest is bold.  unit: microseconds."""
    engines = engines_of(part)
    rows = []
    for results in part.values():
        cells = {r.engine: cell(r, unit) for r in results}
        timed = [r for r in results if r.times and r.engine in engines]
        first = min(timed, key=lambda r: r.median, default=None)
        if first:
            median, _, spread = cells[first.engine].partition(" ")
            cells[first.engine] = f"**{median}** {spread}"
        apart = APART if len({r.run for r in timed}) > 1 else ""
        row = [cells.get(name, "") for name in engines]
        rows.append([results[0].title + apart, *row])
    yield from table(["", *(ENGINES[name] for name in engines)], rows)


def cell(result, unit):
    """Median (least-most), or why there is none."""
    if result.declined is not None:
        return f"({result.declined})"
    median, least, most = (
        number(value / unit) for value in (result.median, min(result.times), max(result.times))
    )
    other = OTHER if (result.differs or 0) > AGREE else ""
    return f"{median} ({least}-{most}){other}"


def plain_times(part, unit=1.0):
    """The same with medians alone."""
    engines = engines_of(part)
    for results in part.values():
        found = {r.engine: r for r in results}
        cells = [found.get(name) for name in engines]
        words = [
            "" if r is None else f"({r.declined})" if r.declined else number(r.median / unit)
            for r in cells
        ]
        yield [results[0].title, *words]


def verdict(results):
    """tinylstm's time over the best peer's, and who is ahead where it is not tinylstm."""
    value = ratio(results)
    if value is None:
        return ["", ""]
    name = ENGINES[best_peer(results).engine]
    return [f"{value:.2f}", f"**{name} is ahead**" if value > 1 else name]


def comparisons(part, floors=None, speed=None):
    """Ratio to the best peer, GFLOP/s, share of the matrix product and lower bound of every job.

    GFLOP/s where their arithmetic is counted, the others where they are given.
    """
    counted = any(r.gflop for results in part.values() for r in results)
    rows = []
    for job, results in part.items():
        mine, best = ours(results), best_peer(results)
        row = [results[0].title, *verdict(results)]
        if counted:
            row += [f"{rate(r):.3g}" if r else "" for r in (mine, best)]
        if speed:
            row += [f"{rate(r) / speed:.1%}" if r else "" for r in (mine, best)]
        if floors:
            least = floors.get(job)
            row += [number(least), f"{mine.median / least:.1f}"] if least and mine else ["", ""]
        rows.append(row)
    head = ["", "time / best peer's", "best peer"]
    head += ["GFLOP/s", "best peer's"] if counted else []
    head += ["of the matrix product", "best peer's"] if speed else []
    head += ["arithmetic alone, us", "times that"] if floors else []
    mean = ratios(part).values()
    if mean:
        rows.append([f"geometric mean of {len(mean)}", f"{geometric_mean(mean):.2f}"])
        rows[-1] += [""] * (len(head) - 2)
    yield from table(head, rows)


def rate(result):
    """GFLOP/s."""
    return result.gflop / result.median * 1e6


def ahead(part):
    """A line for each job on which a peer beats tinylstm."""
    for results in part.values():
        if (ratio(results) or 0) > 1:
            name = ENGINES[best_peer(results).engine]
            yield f"- {results[0].title}: {name}, by {ratio(results) - 1:.0%}"
