"""Scripts for Python 2 that Python 3 cannot read: what to write in the place of a line's syntax."""

import re
import tokenize
from itertools import pairwise

from .python2 import WRITTEN
from .sources import listed, tokens_of

TABS = "spaces alone at the beginning of lines, 8 in the place of a tab"
START = r"(?:^|(?<=[:;])|(?<=[:;] ))"  # of a statement in a line
PRINTS = (  # what stands in the line, what to write
    (rf"{START}print\s*>>\s*([\w.]+)\s*,\s*(.+?)$", r"print(\2, file=\1)"),
    (rf"{START}print\s+([^(\s=].*?)\s*,$", r'print(\1, end=" ")'),
    (rf"{START}print\s+([^(\s=].*?)\s*;?$", r"print(\1)"),
)
RULES = (
    (rf"{START}exec\s+(?!\()(.+?)\s+in\s+(\w+)$", r"exec(\1, \2)"),
    (rf"{START}exec\s+(?!\()(.+?)$", r"exec(\1)"),
    (r"except\s+([\w.]+|\([^)]*\))\s*,\s*(\w+)\s*:", r"except \1 as \2:"),
    (rf"{START}raise\s+([\w.]+)\s*,\s*(.+?)$", r"raise \1(\2)"),
    (r"([\w.\])'\"]+)\s*<>\s*([\w.'\"-]+)", r"\1 != \2"),
    (r"`([^`]+)`", r"repr(\1)"),
    (r"\bur(['\"])", r"r\1"),
    (r"(?<![\w.])0+([1-7][0-7]*)\b(?![\w.])", r"0o\1"),
    (r"(?<![\w.])(\d+)[lL]\b", r"\1"),
    (r"lambda\s*\(([\w\s,]*)\)\s*:", r"lambda pair:"),
    (r"def\s+\w+\s*\((?:[^()=]*,)?\s*\([\w\s,]*\)", "one argument in the place of a tuple"),
)


def syntax_of_python_2(reason, source):
    """What to write in the place of what only Python 2 can read, or "".

    Parameters
    ----------
    reason : Exception
    source : str
        The whole script.
    """
    if isinstance(reason, TabError):
        return f"{WRITTEN} {TABS}."
    if not isinstance(reason, SyntaxError) or not reason.text:
        return ""
    line = without_comment(reason.text)
    for rules, others in ((PRINTS, print_lines), (RULES, lambda source: [])):
        for pattern, new in rules:
            if found := re.search(pattern, line):
                more = listed([k for k in others(source) if k != reason.lineno])
                new = complete(found.expand(new))
                return f"{WRITTEN} {new} here{more}."
    return ""


def without_comment(line):
    """A line up to a comment; a # in a text is none."""
    return re.match(r"(?:[^#'\"]|'(?:\\.|[^'\\])*'|\"(?:\\.|[^\"\\])*\"|['\"].*)*", line)[0].strip()


def complete(code):
    """The code, or where it goes on in the next line what it calls."""
    whole = code.count("(") == code.count(")") and not code.rstrip(")").endswith("\\")
    return code if whole else f"{code.partition('(')[0]}(...)"


def print_lines(source):
    """Lines with a print statement."""
    tokens = tokens_of(source)
    begin = (tokenize.NAME, tokenize.NUMBER, tokenize.STRING)  # what a statement prints
    both = pairwise(tokens)
    return sorted({a.start[0] for a, b in both if a.string == "print" and b.type in begin})
