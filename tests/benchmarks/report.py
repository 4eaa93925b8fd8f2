"""Tables of what was measured."""

from math import prod

from tests.benchmarks.engines import NOTES
from tests.benchmarks.workloads import WORKLOADS


def table_of_times(results):
    """Median and spread of each engine on each workload."""
    yield "Microseconds a training step: median (min - max), mean loss of the first epoch, variant"
    last = None
    for r in results:
        if r.workload != last:
            yield f"\n{r.workload}"
            last = r.workload
        note = NOTES.get((r.engine, WORKLOADS[r.workload].stateful), "")
        spread = f"({min(r.times):.1f} - {max(r.times):.1f})"
        figures = f"{r.median:10.2f}  {spread:22}{r.loss:9.5f}"
        yield f"  {r.engine:17}{figures}  {r.variant} {note}".rstrip()


def geometric_mean(values):
    """The mean for ratios."""
    return prod(values) ** (1 / len(values))


def table_of_ratios(results):
    """tinylstm's time over each peer's and over the best peer's: below 1, tinylstm is faster."""
    medians = {(r.workload, r.engine): r.median for r in results}
    workloads = list(dict.fromkeys(r.workload for r in results))
    peers = list(dict.fromkeys(r.engine for r in results if r.engine != "tinylstm"))
    if not peers or (workloads[0], "tinylstm") not in medians:
        return
    rows = []
    for workload in workloads:
        ratios = [medians[workload, "tinylstm"] / medians[workload, peer] for peer in peers]
        rows.append([max(ratios), *ratios])
    yield "\nTime of tinylstm / time of the peer"
    yield f"{'':18}{'best peer':>17}" + "".join(f"{peer:>17}" for peer in peers)
    for workload, row in zip(workloads, rows, strict=True):
        yield f"{workload:18}" + "".join(f"{ratio:17.3f}" for ratio in row)
    means = [geometric_mean(column) for column in zip(*rows, strict=True)]
    yield f"{'geometric mean':18}" + "".join(f"{mean:17.3f}" for mean in means)


def table_of_floors(results, floors):
    """The arithmetic alone, for workloads of one time step, under the fastest engine's time."""
    if floors:
        yield "\nMicroseconds of the arithmetic alone, of the fastest engine and of tinylstm"
    for workload, least in floors.items():
        mine = [r for r in results if r.workload == workload]
        best = min(mine, key=lambda r: r.median)
        ours = "".join(f"{r.median:8.2f}" for r in mine if r.engine == "tinylstm")
        yield f"{workload:18}{least:8.2f}{best.median:8.2f} {best.engine:17}{ours}"


def tables(results, floors):
    """Every line to print."""
    yield from table_of_times(results)
    yield from table_of_ratios(results)
    yield from table_of_floors(results, floors)
