"""What Python 2 had and Python 3 has not: whole numbers of a division, lists of map and zip."""

import ast
import re

from .python2 import LAZY, VIEWS, WRITTEN

KINDS = "|".join(LAZY)
LISTS = re.compile(  # an object that is no list any more, where a list is wanted
    rf"'({KINDS})' object (?:is not subscriptable|does not support item)"
    rf"|(?:object of type|for \S+:|and|not|not \() ?['\"]({KINDS})['\"]"
)
WHOLE = re.compile(  # a fraction where a whole number is wanted
    r"'(?:numpy\.)?float(?:64)?' object cannot be interpreted as an integer"
    r"|indices must be integers|valid indices|non-int of type 'float'|must be a whole number"
    r"|a single integer, got '[\d.]+'"
)
MADE = re.compile(r"array\(\s*(map|filter|zip)\(")
PRINTED = re.compile(r"for (?:>>: 'builtin_function|%: 'NoneType')")


def value_of_python_2(reason, number, source):
    """A sentence on an error that Python 2 did not have there, or "".

    Parameters
    ----------
    reason : Exception
    number : int
        The line of the script that raised it.
    source : str
        The whole script, which Python 3 can read.
    """
    text, line = str(reason), source.splitlines()[number - 1]
    if not isinstance(reason, (TypeError, IndexError, ValueError)):
        return ""
    if found := LISTS.search(text):
        kind = found[1] or found[2]
        made = f"table.{kind[5:]}()" if kind in VIEWS else f"{kind}(...)"
        return f"In Python 2 {made} gave a list; Python 3 wants list({made})."
    if "must hold real numbers" in text and (found := MADE.search(source)):
        place = source.count("\n", 0, found.start()) + 1
        return f"In Python 2 {found[1]}(...) gave a list; Python 3 wants one in line {place}."
    if PRINTED.search(text) and "print" in line:
        return f'{WRITTEN} print("..." % values), and print("...", file=file) for print >>file.'
    if "a bytes-like object is required, not 'str'" in text:
        return "In Python 3 a file that is opened with a 'b' holds bytes; text wants it without."
    if WHOLE.search(text) and (lines := dividing_lines(source, number)):
        places = " and ".join(map(str, lines))
        return f"In Python 3 a / gives a fraction; a whole number wants // in line {places}."
    return ""


def dividing_lines(source, number):
    """Lines whose division a line of a script gets: its own, or one that gave a name its value."""
    nodes = [*ast.walk(ast.parse(source))]
    given = [node for node in nodes if isinstance(node, (ast.Assign, ast.AugAssign))]
    here = [node for node in nodes if getattr(node, "lineno", None) == number]
    lines = {number} if any(map(is_division, here)) else set()
    for name in {node.id for node in here if isinstance(node, ast.Name)}:
        lines |= {one.lineno for one in given if name in names_given(one) and divides(one)}
    return sorted(lines)


def is_division(node):
    """Whether it is ``a / b`` or ``a /= b``."""
    return isinstance(getattr(node, "op", None), ast.Div)


def divides(statement):
    """Whether there is a division in a statement."""
    return any(map(is_division, ast.walk(statement)))


def names_given(statement):
    """Names that an assignment gives a value."""
    targets = getattr(statement, "targets", None) or [statement.target]
    found = [node for target in targets for node in ast.walk(target)]
    return {node.id for node in found if isinstance(node, ast.Name)}
