"""The experiments, a short script each, and the one table of them: what ``demo --list`` shows."""

from typing import NamedTuple

ACCURACY = "accuracy (%)"


class Demo(NamedTuple):
    """One demo; its module is its name with ``_`` for ``-``."""

    number: str  # of the experiment in the tutorials, and in these documents; or none
    shows: str
    seconds: float  # of the command on one core, with kernels from the cache
    published: dict = {}  # what tutorials print for a measure, as text  # noqa: RUF012

    def title(self, name):
        """Its number and name, and what it shows."""
        return f"{self.number} {name}: {self.shows}".strip()


DEMOS = {
    "letter": Demo(
        "E1", "one letter to one letter is a map, no sequence", 1, {ACCURACY: "84.00, 80.00"}
    ),
    "features": Demo("E2", "three letters as features of one step", 1, {ACCURACY: "86.96, 82.61"}),
    "steps": Demo("E3", "three letters as time steps", 1, {ACCURACY: "100.00"}),
    "one-batch": Demo(
        "E4", "all letters in one batch, right without any state", 1, {ACCURACY: "100.00"}
    ),
    "stateful": Demo(
        "E5",
        "a carried state: accuracy, free run, cold and warm start",
        1,
        {"accuracy, 50 units (%)": "100.00", "accuracy, 16 units (%)": "72.00"},
    ),
    "variable-length": Demo("E6", "one to five letters, padded with zeros", 5, {ACCURACY: "98.90"}),
    "cosine-stateless": Demo("E7", "a cosine forecast on its own answers, stateless", 2),
    "cosine-stateful": Demo("E8", "the same with a carried state and overlapping windows", 2),
    "cosine-stacked": Demo("E9", "two stateful layers with dropout", 7),
    "modes": Demo("", "three state modes on the same letters, weights and batches", 2),
    "cosine-right": Demo("", "the cosine with windows that follow each other", 2),
    "masking": Demo("", "E6 with padding that is no letter, on any side", 5),
    "warm-up": Demo("", "A..J before K: in the state, or in the sample", 2),
}
NUMBERS = {demo.number.lower(): name for name, demo in DEMOS.items() if demo.number}
