"""Where a bug is planted: a piece of syntax in a function, wherever that stands.

A pattern is Python, an expression or statements, and ``...`` in it stands for anything::

    df[j] = ...                  whatever is assigned to df[j]
    restart(...)                 a call with any arguments
    if s > 0 or ...: ...         an if with any body

In what takes its place, ``...`` is what was there. Comments, lines, files, the order of functions
and whatever a pattern leaves out may change.
"""

import ast
from functools import lru_cache

from tests.processes import ROOT

FOLDERS = "kernels", "tinylstm"
TWIN = ROOT / "tinylstm" / "reference"  # whose functions have names of the engine's
NO_MATTER = {"ctx", "type_comment", "kind"}  # of a node: whether it is read or written; notes


@lru_cache
def definitions():
    """{dotted name of a function or class, behind its file's: file} of the package."""
    found = {}
    for path in (path for folder in FOLDERS for path in (ROOT / folder).rglob("*.py")):
        if not path.is_relative_to(TWIN):
            tree = ast.parse(path.read_text(encoding="utf-8"))
            found |= {f"{module_of(path)}.{name}": path for name, _ in named(tree)}
    return found


def module_of(path):
    """The dotted name of a file."""
    return ".".join(path.relative_to(ROOT).with_suffix("").parts)


def named(tree, outer=""):
    """(dotted name, node) of each function and class."""
    for node in ast.iter_child_nodes(tree):
        name = outer
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            name = f"{outer}.{node.name}".strip(".")
            yield name, node
        yield from named(node, name)


def source_with(where, right, wrong, times):
    """(file, its source in which the right piece of a function is the wrong one).

    where: the function's name; more of its dotted name, where several have it.

    Raises
    ------
    LookupError
        If there are several such functions, or none; if the piece is not there so many times.
    """
    files = {name: path for name, path in definitions().items() if f".{name}".endswith(f".{where}")}
    if len(files) != 1:
        raise LookupError(f"Expected: one function {where}. Received: {', '.join(files) or 'none'}")
    ((name, path),) = files.items()
    tree = ast.parse(path.read_text(encoding="utf-8"))
    function = dict(named(tree))[name.removeprefix(f"{module_of(path)}.")]
    found = Exchange(right, wrong).made_in(function)
    if found != times:
        raise LookupError(f"Expected: {times} times in {name}: {right}. Received: {found} times")
    return path, ast.unparse(tree)


class Exchange(ast.NodeTransformer):
    """Puts the wrong piece of syntax wherever the right one stands."""

    def __init__(self, right, wrong):
        self.right, self.wrong, self.times = ast.parse(right).body, wrong, 0
        alone = [body for body in (self.right, ast.parse(wrong).body) if len(body) == 1]
        self.expression = [type(body[0]) for body in alone] == [ast.Expr, ast.Expr]

    def made_in(self, function):
        """Exchange them in a function; returns how many there were."""
        self.visit(function)
        return self.times

    def visit(self, node):
        if self.expression and fits(self.right[0].value, node):
            return self.wrong_for([ast.Expr(node)])[0].value
        node = self.generic_visit(node)
        for name in ("body", "orelse", "finalbody"):
            if not self.expression and isinstance(body := getattr(node, name, None), list):
                setattr(node, name, self.exchanged(body))
        return node

    def exchanged(self, body):
        """Statements, with the wrong ones in the place of the right ones."""
        result, size = [], len(self.right)
        while body:
            count = size if fits(self.right, body[:size]) else 1
            some, body = body[:count], body[count:]
            result += self.wrong_for(some) if fits(self.right, some) else some
        return result

    def wrong_for(self, found):
        """The wrong piece, in which what was found stands for ``...``."""
        self.times += 1
        return Filled(found).visit(ast.parse(self.wrong)).body


class Filled(ast.NodeTransformer):
    """Puts a piece of syntax where ``...`` stands, as a statement or as an expression."""

    def __init__(self, found):
        self.found = found

    def visit_Expr(self, node):
        return self.found if is_anything(node) else self.generic_visit(node)

    def visit_Constant(self, node):
        return self.found[0].value if is_anything(node) else node


def fits(pattern, node):
    """Whether a piece of syntax, or a list of them, is what a pattern says."""
    if is_anything(pattern):
        return True
    if isinstance(pattern, list) and isinstance(node, list):
        k = next((k for k, one in enumerate(pattern) if is_anything(one)), None)
        if k is None:
            return len(pattern) == len(node) and all(map(fits, pattern, node))
        behind = len(pattern) - k - 1
        ends = node[:k], node[len(node) - behind :]
        wanted = pattern[:k], pattern[k + 1 :]
        return len(node) >= k + behind and all(map(fits, wanted, ends))
    if isinstance(pattern, ast.AST) and type(pattern) is type(node):
        names = set(pattern._fields) - NO_MATTER
        return all(fits(getattr(pattern, name), getattr(node, name)) for name in names)
    return type(pattern) is type(node) and pattern == node


def is_anything(pattern):
    """Whether it is ``...``, as an expression or a statement."""
    pattern = pattern.value if isinstance(pattern, ast.Expr) else pattern
    return isinstance(pattern, ast.Constant) and pattern.value is ...
