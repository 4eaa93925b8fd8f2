"""The sections of docs/performance.md on training, each a sequence of lines."""

from tests.benchmarks import tables
from tests.benchmarks.engines import ENGINES
from tests.benchmarks.figures import ours
from tests.benchmarks.tables import number, table


def small(figures):
    """Training steps of small models."""
    part = figures.part("small")
    if not part:
        return
    yield "## Training, small models"
    yield ""
    yield "Microseconds a training step (forward, backward, Adam), float32: median (least-most)."
    yield ""
    yield from tables.times(part)
    yield from tables.comparisons(part, figures.data["floors"])
    yield '"Arithmetic alone" is what is needed at least: the multiply-adds of the products and'
    yield "Adam's square roots and divisions, on data in the nearest cache, and nothing else. It is"
    yield "measured at another moment, so good to some percent. The flags are internal settings of"
    yield "JAX's compiler that suit tiny loops."
    yield ""


def large(figures, drawn):
    """Training steps of large models, and one thread against two."""
    part = figures.part("large")
    if not part:
        return
    yield "## Training, large models"
    yield ""
    yield "Milliseconds a training step (forward, backward, Adam), float32: median (least-most)."
    yield ""
    yield from tables.times(part, 1000)
    yield from tables.comparisons(part, speed=figures.product_speed())
    yield from product(figures)
    yield from plot(drawn, "gflops", "GFLOP/s of every engine on every large model")
    yield from threads(part)


def product(figures):
    """The machine's own speed."""
    for results in figures.part("product").values():
        speeds = [f"{ENGINES[r.engine]} {tables.rate(r):.0f} GFLOP/s" for r in results]
        yield f"One large matrix product, {results[0].title}, in the same run: {', '.join(speeds)}."
        yield "GFLOP/s of a training step count the operations of its matrix products alone, over"
        yield "the time of all of it; shares are of the faster of these."
        yield ""


def threads(part):
    """From one thread to all."""
    rows = []
    for results in part.values():
        one = next((r for r in results if r.engine == "tinylstm_one_thread"), None)
        if one and ours(results):
            pair = one.median, ours(results).median
            figures = [number(value / 1000) for value in pair]
            rows.append([results[0].title, *figures, f"{pair[0] / pair[1]:.2f}"])
    if rows:
        yield "### From one thread to two"
        yield ""
        yield from table(["tinylstm, ms a step", "1 thread", "all cores", "speed-up"], rows)


def growth(figures, drawn):
    """Time against steps, batch and units."""
    if figures.part("growth"):
        yield "## How time grows"
        yield ""
        yield "A training step of LSTM(128), batch 32, 50 steps, 64 features, one of them varied."
        yield ""
        yield from plot(drawn, "growth", "Time a step against steps, batch size and units")


def plot(drawn, name, words):
    """A picture, where it was drawn."""
    if name in drawn:
        yield f"![{words}](_static/performance/{name}.png)"
        yield ""
