"""Draws calls as text: a name and its arguments, usual ones and odd ones."""

import random
from pathlib import Path

ENDLESS = ("2**40",)  # not for what is counted to


def read_grammar(path):
    """{name: lines} of the sections of a file."""
    found, lines = {}, []
    for line in path.read_text(encoding="utf-8").splitlines():
        if line.startswith("== "):
            lines = found.setdefault(line[3:].partition(":")[0], [])
        elif line and not line.startswith("#"):
            lines.append(line)
    return found


GRAMMAR = read_grammar(Path(__file__).with_name("grammar.txt"))


class Draw:
    """Random choices of one sequence.

    Parameters
    ----------
    seed : int
    odd : float
        Probability that an argument is an odd one.
    """

    def __init__(self, seed, odd=0.08):
        self.random, self.odd = random.Random(seed), odd

    def chance(self, p):
        return self.random.random() < p

    def of(self, *options):
        """One of the texts, or what one of the functions draws."""
        option = self.random.choice(options)
        return option() if callable(option) else option

    def line(self, name):
        """A line of a section of the grammar."""
        return self.random.choice(GRAMMAR[name])

    def argument(self, *usual, counted=False):
        """A usual value, or an odd one."""
        if not self.chance(self.odd):
            return self.of(*usual)
        value = self.line("odd")
        return "3" if counted and value in ENDLESS else value

    def some(self, options, p=0.3):
        """Some keyword arguments, of a table {name: usual values}."""
        found = []
        for name, usual in options.items():
            if self.chance(p):
                counted = name in ("epochs", "steps")
                found.append(f"{name}={self.argument(*usual, counted=counted)}")
        return found

    def call(self, name, required, options, p=0.3):
        """A call.

        required: tuples of usual values of the arguments by position; options: see `some`.
        """
        given = [self.argument(*usual) for usual in required]
        return f"{name}({', '.join(given + self.some(options, p))})"
