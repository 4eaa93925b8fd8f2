"""The plots of docs/performance.md."""

from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, NullLocator

from tests.benchmarks.engines import ENGINES
from tests.benchmarks.large import growing
from tests.benchmarks.tables import engines_of, rate

COLOURS = {name: f"C{k}" for k, name in enumerate(ENGINES)}
LABELS = {"steps": "time steps", "batch": "samples a batch", "units": "units"}
SLOPES = {"steps": 1, "batch": 1, "units": 2}  # time grows as this power


def draw(figures, folder):
    """Draw what there is; names of the files without their ending."""
    drawn = set()
    for name, (part, make) in PLOTS.items():
        if figures.part(part):
            figure = make(figures.part(part), figures.product_speed())
            figure.savefig(folder / f"{name}.png", dpi=120, metadata={"Software": None})
            drawn.add(name)
    return drawn


def gflops(part, speed):
    """Bars of every engine on every large model, and the speed of a large product above them."""
    figure = Figure((9, 4.2), layout="constrained")
    ax = figure.subplots()
    engines = engines_of(part)
    width = 0.8 / len(engines)
    for k, name in enumerate(engines):
        bars = [(n, r) for n, rows in enumerate(part.values()) for r in rows if r.engine == name]
        places = [n + (k - (len(engines) - 1) / 2) * width for n, r in bars if r.times]
        heights = [rate(r) for _, r in bars if r.times]
        ax.bar(places, heights, 0.9 * width, color=COLOURS[name], label=ENGINES[name])
    if speed:
        ax.axhline(speed, color="black", linestyle="--", label="one large matrix product")
    titles = [results[0].title for results in part.values()]
    ax.set_xticks(range(len(titles)), [wrapped(title) for title in titles], fontsize=8)
    ax.set(ylabel="GFLOP/s of a training step", ylim=(0, None))
    figure.legend(loc="outside upper center", ncols=4, frameon=False, fontsize=8)
    return figure


def wrapped(title):
    """A title over a few lines, broken at its commas."""
    words = title.split(", ")
    return "\n".join(", ".join(words[k : k + 2]) for k in range(0, len(words), 2))


def growth(part, _):
    """A panel for each of steps, batch and units, with a line for each engine."""
    figure = Figure((11, 4.2), layout="constrained")
    axes = figure.subplots(1, 3)
    for ax, (axis, row) in zip(axes, growing().items(), strict=True):
        for name in engines_of(part):
            curve(ax, part, {value: f"{axis}-{value}" for value in row}, name)
        guide(ax, part, [f"{axis}-{value}" for value in row], list(row), SLOPES[axis])
        ax.set(
            xscale="log", yscale="log", xlabel=LABELS[axis], ylabel="milliseconds a training step"
        )
        ax.xaxis.set(major_locator=FixedLocator(list(row)), minor_locator=NullLocator())
        ax.set_xticks(list(row), [str(value) for value in row])
    handles, labels = axes[0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside upper center", ncols=4, frameon=False)
    return figure


def curve(ax, part, jobs, engine):
    """One engine's medians, with bars from the least to the most."""
    found = {
        value: r
        for value, job in jobs.items()
        for r in part.get(job, [])
        if r.engine == engine and r.times
    }
    middle = [r.median / 1000 for r in found.values()]
    ends = [[(r.median - min(r.times)) / 1000 for r in found.values()]]
    ends.append([(max(r.times) - r.median) / 1000 for r in found.values()])
    style = {"color": COLOURS[engine], "marker": "o", "markersize": 4, "capsize": 2}
    ax.errorbar(list(found), middle, ends, label=ENGINES[engine], **style)


def guide(ax, part, jobs, values, power):
    """A dotted line of that slope, through the lowest last point."""
    last = [r.median / 1000 for r in part.get(jobs[-1], []) if r.times]
    if last:
        ends = [values[0], values[-1]]
        heights = [0.7 * min(last) * (value / values[-1]) ** power for value in ends]
        words = "linear" if power == 1 else f"power {power}"
        (line,) = ax.plot(ends, heights, ":", color="grey")
        ax.legend([line], [words], loc="lower right", frameon=False)


PLOTS = {"gflops": ("large", gflops), "growth": ("growth", growth)}
