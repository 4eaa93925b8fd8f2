"""Who may import whom in ``tinylstm/``: the folders are floors, and nobody looks upstairs."""

import ast
from configparser import ConfigParser
from functools import lru_cache
from graphlib import CycleError, TopologicalSorter

import pytest

from tests import ROOT

pytestmark = pytest.mark.quick

# Each floor imports from itself and those before it, the kernels from none.
FLOORS = (
    ("checkout",),
    ("surface",),
    ("settings", "whole", "owners"),
    ("data",),
    ("files", "threads"),
    ("callbacks",),
    ("shown",),
    ("optimizers",),
    ("compiling",),
    ("initializers", "metrics"),
    ("regularizers", "constraints"),
    ("layers",),
    ("losses",),
    ("engine",),
    ("model",),
    ("calling",),
    ("inside",),
    ("plotting", "testing"),
    ("legacy",),
    ("",),  # the package itself
    ("commands",),
)
FLOOR = {name: number for number, names in enumerate(FLOORS) for name in names}
APART = "reference"  # the naive twin stands alone
INSTALLED = "tinylstm", "kernels", "demos"
UPSTAIRS = {("tinylstm.callbacks.history", "tinylstm.plotting")}  # only when a figure is drawn


@lru_cache
def modules():
    """{dotted name: file}, packages under their own names."""
    found = {}
    for path in sorted((ROOT / "tinylstm").rglob("*.py")):
        name = ".".join(path.relative_to(ROOT).with_suffix("").parts)
        found[name.removesuffix(".__init__")] = path
    return found


def imports_in(module, source, is_package):
    """Modules of tinylstm that a module imports, anywhere in its source."""
    folder = module.split(".") if is_package else module.split(".")[:-1]
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (one.name for one in node.names if one.name in modules())
        if isinstance(node, ast.ImportFrom):
            start = folder[: len(folder) + 1 - node.level] if node.level else []
            whole = ".".join([*start, *(node.module.split(".") if node.module else [])])
            for one in node.names:
                inner = f"{whole}.{one.name}"
                if (found := inner if inner in modules() else whole) in modules():
                    yield found


def part_of(module):
    """The floor's part that a module is in, "" for the package itself and its command."""
    return [*module.split("."), ""][1]


def looks_upstairs(reader, imported):
    """Whether a module imports from a floor above its own."""
    if part_of(reader) in ("", "__main__") or (reader, imported) in UPSTAIRS:
        return False
    if part_of(reader) == APART:
        return part_of(imported) != APART
    if part_of(imported) == APART:
        return part_of(reader) != "testing"
    return FLOOR.get(part_of(imported), len(FLOORS)) > FLOOR[part_of(reader)]


def all_imports():
    for module, path in modules().items():
        source = path.read_text(encoding="utf-8")
        for imported in imports_in(module, source, path.name == "__init__.py"):
            if imported != module:
                yield module, imported


def test_nobody_imports_from_upstairs():
    assert [pair for pair in all_imports() if looks_upstairs(*pair)] == []


def test_every_part_has_a_floor():
    parts = {part_of(module) for module in modules()} - {"__main__", APART}
    assert parts == set(FLOOR)


def test_no_module_imports_itself_by_way_of_others():
    graph = {module: set() for module in modules()}
    for reader, imported in all_imports():
        if imported != "tinylstm" and (reader, imported) not in UPSTAIRS:
            graph[reader].add(imported)
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        pytest.fail(" is imported by ".join(error.args[1]))


@pytest.mark.parametrize(
    ("module", "source", "is_upstairs"),
    [
        ("tinylstm.data.gate", "from ..model import Sequential", True),
        ("tinylstm.engine.runs", "def late():\n    from .. import model", True),
        ("tinylstm.layers.dense", "import tinylstm.engine.program", True),
        ("tinylstm.reference.lstm", "from ..layers import LSTM", True),
        ("tinylstm.engine.runs", "from ..reference import lstm", True),
        ("tinylstm.engine.runs", "from ..layers.state import Batches", False),
        ("tinylstm.model", "from .engine import runs\nimport numpy as np", False),
        ("tinylstm.testing.twin", "from ..reference import network", False),
    ],
)
def test_what_looks_upstairs_is_seen(module, source, is_upstairs):
    found = [looks_upstairs(module, one) for one in imports_in(module, source, False)]
    assert found == [is_upstairs] * len(found)
    assert found


def test_every_folder_of_modules_is_installed():
    settings = ConfigParser()
    settings.read(ROOT / "setup.cfg", encoding="utf-8")
    folders = (path.parent for name in INSTALLED for path in (ROOT / name).rglob("__init__.py"))
    names = {".".join(folder.relative_to(ROOT).parts) for folder in folders}
    wanted = {name if name.startswith("tinylstm") else f"tinylstm.{name}" for name in names}
    assert set(settings["options"]["packages"].split()) == wanted
