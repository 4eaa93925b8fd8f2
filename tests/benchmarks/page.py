"""docs/performance.md and README's tables, written from the results; what is by hand stays."""

import re

from tests import ROOT
from tests.benchmarks import plots, sections, training_sections
from tests.benchmarks.engines import ENGINES
from tests.benchmarks.figures import geometric_mean, ratios
from tests.benchmarks.tables import ahead, engines_of, plain_times, table

PAGE = ROOT / "docs" / "performance.md"
README = ROOT / "README.md"
BY_HAND = "<!-- by hand, kept by the command -->", "<!-- end of what is by hand -->"
MEASURED = "<!-- written by python -m tests.benchmarks -->", "<!-- end of what is written -->"
NOTHING_YET = "## What is slow in tinylstm, and why\n\nNothing has been written here yet."


def results_of(target):
    """Where the results of a page are kept."""
    return target.parent / "_static" / "performance" / "figures.json"


def write(figures, target):
    """The page, its plots, and for the page of the site README's tables."""
    folder = results_of(target).parent
    folder.mkdir(parents=True, exist_ok=True)
    drawn = plots.draw(figures, folder)
    old = target.read_text(encoding="utf-8") if target.exists() else ""
    target.write_text(text(figures, drawn, between(old, BY_HAND) or NOTHING_YET), encoding="utf-8")
    if target.resolve() == PAGE:
        README.write_text(readme(figures, README.read_text(encoding="utf-8")), encoding="utf-8")


def text(figures, drawn, by_hand):
    """The page.

    Parameters
    ----------
    figures : Figures
    drawn : set of str
        Names of the plots that there are.
    by_hand : str
        The section that no command writes.
    """
    parts = [
        sections.head(figures),
        training_sections.small(figures),
        training_sections.large(figures, drawn),
        training_sections.growth(figures, drawn),
        sections.prediction(figures),
        sections.closed_loops(figures),
        sections.starting(figures),
        ["\n".join((BY_HAND[0], "", by_hand, "", BY_HAND[1], ""))],
        sections.method(figures),
    ]
    return "\n".join(line for part in parts for line in part)


def between(text, marks):
    """What stands between two marks, stripped; None where they are not there."""
    found = re.search(re.escape(marks[0]) + "(.*?)" + re.escape(marks[1]), text, re.DOTALL)
    return found and found[1].strip()


def readme(figures, text):
    """README with its tables of training steps written anew, if the small models were measured."""
    old = between(text, MEASURED)
    if old is None or not figures.part("small"):
        return text
    return text.replace(old, "\n".join(readme_tables(figures)).strip())


def readme_tables(figures):
    """Medians of both kinds of training."""
    for name, unit, what in (("small", 1, "Microseconds"), ("large", 1000, "Milliseconds")):
        part = figures.part(name)
        if not part:
            continue
        yield f"{what} a training step (forward, backward, Adam), float32, medians:"
        yield ""
        yield from table(
            ["", *(ENGINES[name] for name in engines_of(part))], plain_times(part, unit)
        )
        means = ratios(part).values()
        if means:
            mean = geometric_mean(means)
            yield f"tinylstm's time over that of the best peer, geometric mean: {mean:.2f}."
            yield ""
            yield from ahead(part)
            yield ""
