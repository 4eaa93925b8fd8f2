"""Who may import whom in ``kernels/``: read in the source, whatever is imported when."""

import ast
import re
from functools import lru_cache
from graphlib import CycleError, TopologicalSorter
from typing import NamedTuple

import pytest

from tests import ROOT

pytestmark = pytest.mark.quick

# Each imports of kernels/ itself and what stands in the lines before it.
ORDER = (
    ("compiling",),
    ("tables", "vectors", "random", "activations"),
    ("threads",),
    ("products",),
    ("cells",),
    ("layers",),
    ("training",),
    ("streaming",),
    ("kinds", "signatures"),
    ("registry",),
)
PLACE = {name: place for place, names in enumerate(ORDER) for name in names}
FACES = "compiling", "products", "threads"  # what is behind them is imported by themselves alone


class Import(NamedTuple):
    """One name that a file imports of kernels/."""

    file: str  # from the root of the checkout on
    line: int
    module: str  # dotted, behind ``kernels.``: that in which the name is, or that it is itself
    name: str  # "" of a module

    def __str__(self):
        name = f", {self.name}" if self.name else ""
        return f"{self.file}, line {self.line}, imports {self.module}{name}"

    @property
    def package(self):
        """The part of kernels/ that it imports."""
        return self.module.partition(".")[0]

    @property
    def reader(self):
        """The part of kernels/ in which it is written, "" where in none."""
        folder, _, rest = self.file.partition("/")
        return rest.partition("/")[0].removesuffix(".py") if folder == "kernels" else ""


@lru_cache
def modules():
    """{dotted name behind ``kernels.``: file}, packages under their own names."""
    found = {}
    for path in sorted((ROOT / "kernels").rglob("*.py")):
        name = ".".join(path.relative_to(ROOT / "kernels").with_suffix("").parts)
        found[name.removesuffix("__init__").strip(".")] = path.relative_to(ROOT).as_posix()
    return found


def imports_in(file, source):
    """What a file imports of kernels/, anywhere in it."""
    *folder, _ = file.split("/")
    folder = ["tinylstm", *folder] if folder[0] == "kernels" else folder
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            for one in node.names:
                yield from resolved(file, node.lineno, one.name.split("."), "")
        if isinstance(node, ast.ImportFrom):
            start = folder[: len(folder) + 1 - node.level] if node.level else []
            whole = start + (node.module.split(".") if node.module else [])
            for one in node.names:
                yield from resolved(file, node.lineno, whole, one.name)


def resolved(file, line, whole, name):
    """The import of a name, or of a module, if it is one of kernels/."""
    if whole[:2] == ["tinylstm", "kernels"] or [*whole, name] == ["tinylstm", "kernels"]:
        module = ".".join(whole[2:])
        inner = f"{module}.{name}".strip(".")
        if [*whole, name] == ["tinylstm", "kernels"]:
            module, name = "", ""
        elif inner in modules():
            module, name = inner, ""
        yield Import(file, line, module, name)


@lru_cache
def all_imports():
    """Those of every file of kernels/ and tinylstm/."""
    paths = [
        path for name in ("kernels", "tinylstm") for path in sorted((ROOT / name).rglob("*.py"))
    ]
    return [
        one
        for path in paths
        for one in imports_in(path.relative_to(ROOT).as_posix(), path.read_text(encoding="utf-8"))
    ]


@lru_cache
def offered(package):
    """The names that a face has in its ``__all__``."""
    for node in ast.parse((ROOT / modules()[package]).read_text(encoding="utf-8")).body:
        if isinstance(node, ast.Assign) and node.targets[0].id == "__all__":
            return ast.literal_eval(node.value)
    return []


def out_of_order(one):
    """Whether a part of kernels/ imports what stands beside or behind it."""
    if one.reader in ("", "__init__") or one.reader == one.package:
        return False
    return PLACE.get(one.package, len(ORDER)) >= PLACE[one.reader]


def behind_a_face(one):
    """Whether something is imported from behind a face, by a file that is not there itself."""
    if one.package not in FACES or one.reader == one.package:
        return False
    return one.module != one.package or one.name not in ("", *offered(one.package))


def not_of_a_cell(one):
    """Whether a cell imports more than activations, products inside a step and the decorator, or
    that more than tables."""
    if one.reader != "cells" or one.file == "kernels/cells/__init__.py":
        return False
    is_decorator = one.file == "kernels/cells/cell.py"
    allowed = ("tables",) if is_decorator else ("activations", "cells.cell")
    inside = one.module == "products" and one.name in ("recur", "recur_backward")
    return one.module not in allowed and not (inside and not is_decorator)


def is_anywhere(one):
    """Whether a file of kernels/ imports the package of all of them."""
    return one.reader != "" and one.module == ""


RULES = {
    "kernels import from what stands before them": out_of_order,
    "compiling, products and threads are imported by their faces": behind_a_face,
    "cells import activations, products inside a step and the decorator": not_of_a_cell,
    "no kernel imports the package of all kernels": is_anywhere,
}


@pytest.mark.parametrize("rule", RULES)
def test_imports_obey(rule):
    assert [str(one) for one in all_imports() if RULES[rule](one)] == []


def test_no_module_of_kernels_imports_itself_by_way_of_others():
    files = {file: name for name, file in modules().items()}
    graph = {name: set() for name in modules()}
    for one in all_imports():
        if one.reader:
            graph[files[one.file]].add(one.module)
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        pytest.fail(" is imported by ".join(modules()[name] for name in error.args[1]))


BREACHES = {
    "out_of_order": {
        "kernels/products/tiles.py": "from ..layers import memory",
        "kernels/vectors.py": "from .tables import LINE",
        "kernels/threads/share.py": "from ..products import pays",
        "kernels/layers/dense.py": "def late():\n    from ..training.loop import wait",
    },
    "behind_a_face": {
        "kernels/layers/dense.py": "from ..products.matrix import pays",
        "tinylstm/model.py": "from .kernels.threads import helping",
        "tinylstm/layers/dense.py": "import tinylstm.kernels.compiling.cache",
        "tinylstm/engine/runs.py": "from ..kernels.compiling import numba",
    },
    "not_of_a_cell": {
        "kernels/cells/lstm.py": "from ..vectors import add",
        "kernels/cells/gru.py": "from .lstm import lstm",
        "kernels/cells/gru_reset_before.py": "from ..products import add_product",
        "kernels/cells/cell.py": "from ..activations import activate",
    },
    "is_anywhere": {"kernels/layers/dense.py": "from .. import kernel"},
}


@pytest.mark.parametrize("rule", RULES.values(), ids=lambda rule: rule.__name__)
def test_what_breaks_a_rule_is_seen(rule):
    for file, source in BREACHES[rule.__name__].items():
        assert [rule(one) for one in imports_in(file, source)] == [True], file


@pytest.mark.parametrize("rule", RULES.values(), ids=lambda rule: rule.__name__)
def test_what_obeys_is_not(rule):
    for file, source in {
        "kernels/cells/lstm.py": "from ..activations import activate\nfrom .cell import cell",
        "kernels/layers/dense.py": "from ..products import pays\nimport numpy as np",
        "kernels/products/matrix.py": "from .tiles import lanes\nfrom ..threads import Columns",
        "tinylstm/layers/dense.py": "from ..kernels.layers.dense import KERNEL",
        "tinylstm/engine/runs.py": "from ..kernels.compiling import ERR\nfrom .. import kernels",
    }.items():
        assert not any(map(rule, imports_in(file, source))), file


def test_the_order_stands_in_the_documents():
    page = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    lines = page.partition("## Who may import whom")[2].split("```")[1].splitlines()[1:]
    assert [tuple(re.findall(r"(\w+)(?:/|\.py)", line)) for line in lines] == [*ORDER]
