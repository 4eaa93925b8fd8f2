"""What was measured, for the terminal."""

from tests.benchmarks.figures import best_peer, geometric_mean, ours, ratio, ratios
from tests.benchmarks.jobs import PARTS


def lines(figures, parts):
    """Every line to print."""
    speed = figures.product_speed()
    for name in parts:
        part = figures.part(name)
        if part:
            yield f"\n{PARTS[name].title}\nMicroseconds: median (min - max), variant"
        for job, results in part.items():
            yield from table_of_times(job, results)
            share_of = speed if name == "large" else None
            yield from summary_of(results, figures.data["floors"].get(job), share_of)
        values = ratios(part).values()
        if values:
            yield f"\nTo the best peer, geometric mean: {geometric_mean(values):.3f}"


def table_of_times(job, results):
    """Median and spread of each engine on one job."""
    yield f"\n{job}: {results[0].title}"
    for r in results:
        if r.declined:
            yield f"  {r.engine:19} ({r.declined})"
            continue
        spread = f"({min(r.times):.1f} - {max(r.times):.1f})"
        loss = "" if r.loss is None else f", first loss {r.loss:.5f}"
        yield f"  {r.engine:19}{r.median:12.2f}  {spread:26} {r.variant}{loss}"


def summary_of(results, floor, speed):
    """Ratio to the best peer, GFLOP/s and the lower bound."""
    mine, best = ours(results), best_peer(results)
    words = []
    if mine and best:
        words.append(f"tinylstm / {best.engine}: {ratio(results):.3f}")
    if mine and mine.gflop:
        rate = mine.gflop / mine.median * 1e6
        share = f" ({rate / speed:.0%} of a large matrix product)" if speed else ""
        words.append(f"{rate:.3g} GFLOP/s{share}")
    if floor:
        words.append(f"arithmetic alone {floor:.2f} us")
    if words:
        yield "  " + "; ".join(words)
