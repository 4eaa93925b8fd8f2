"""Who may import whom in ``tinylstm/``: the folders are floors, and nobody looks upstairs."""

import ast
import re
from configparser import ConfigParser
from functools import lru_cache
from graphlib import CycleError, TopologicalSorter
from importlib import import_module

import pytest

import tinylstm
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
    ("saving",),
    ("formats",),
    ("model",),
    ("calling", "models"),
    ("inside",),
    ("plotting", "testing"),
    ("report",),
    ("",),  # the package itself
    ("legacy",),
    ("commands",),
)
FLOOR = {name: number for number, names in enumerate(FLOORS) for name in names}
LEGACY = ROOT / "tinylstm" / "legacy"
APART = "reference"  # the naive twin stands alone
INSTALLED = "tinylstm", "kernels", "demos"
UPSTAIRS = {
    ("tinylstm.callbacks.history", "tinylstm.plotting"),  # only when a figure is drawn
    ("tinylstm.surface.plain", "tinylstm.legacy.known"),  # only for a file of an old script
    # only for a file of Keras 1 or 2
    ("tinylstm.formats.keras.old_configs", "tinylstm.legacy.dialect"),
    ("tinylstm.formats.keras.old_configs", "tinylstm.legacy.layers"),
    ("tinylstm.formats.keras.old_configs", "tinylstm.legacy.spellings"),
    ("tinylstm.formats.keras.old_training", "tinylstm.legacy.dialect"),
    ("tinylstm.formats.keras.old_training", "tinylstm.legacy.optimizers"),
    ("tinylstm.formats.keras.old_things", "tinylstm.legacy.drawn"),
    ("tinylstm.formats.keras.old_things", "tinylstm.legacy.updates"),
    ("tinylstm.formats.keras.old_things", "tinylstm.legacy.values"),
}


@lru_cache
def modules():
    """{dotted name: file}, packages under their own names."""
    found = {}
    for path in sorted((ROOT / "tinylstm").rglob("*.py")):
        name = ".".join(path.relative_to(ROOT).with_suffix("").parts)
        found[name.removesuffix(".__init__")] = path
    return found


def for_hints_alone(tree):
    """What stands below ``if TYPE_CHECKING:``, which no start of Python reads."""
    blocks = (one for one in ast.walk(tree) if isinstance(one, ast.If))
    late = (one for one in blocks if ast.unparse(one.test) == "TYPE_CHECKING")
    return {inside for block in late for inside in ast.walk(block)}


def imports_in(module, source, is_package):
    """Modules of tinylstm that a module imports, anywhere in its source."""
    tree = ast.parse(source)
    unread = for_hints_alone(tree)
    folder = module.split(".") if is_package else module.split(".")[:-1]
    for node in ast.walk(tree):
        if node in unread:
            continue
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


def test_a_hint_may_look_upstairs():
    source = "if TYPE_CHECKING:\n    from .model import Sequential\nfrom .surface import errors"
    assert [*imports_in("tinylstm.whole", source, False)] == ["tinylstm.surface.errors"]


def test_every_folder_of_modules_is_installed():
    settings = ConfigParser()
    settings.read(ROOT / "setup.cfg", encoding="utf-8")
    folders = (path.parent for name in INSTALLED for path in (ROOT / name).rglob("__init__.py"))
    names = {".".join(folder.relative_to(ROOT).parts) for folder in folders}
    wanted = {name if name.startswith("tinylstm") else f"tinylstm.{name}" for name in names}
    assert set(settings["options"]["packages"].split()) == wanted


# What old scripts are run by uses this package as anybody would, and beside that:
BESIDE_THE_SURFACE = {
    "surface": "the sentences of refusals",
    "formats": "which suffixes are those of the files of Keras",
    "kernels": "arithmetic, of which all is there; and where lines are printed above a bar",
}
OF_PYTHON = {"_getframe", "_replace"}  # of `sys`, and of a named tuple


def of_old_scripts():
    """The trees of the files in ``legacy/``."""
    return {path.name: ast.parse(path.read_text(encoding="utf-8")) for path in LEGACY.glob("*.py")}


def imported_from_above(tree):
    """(module of this package, name) of each name that a file of ``legacy/`` imports from it."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and (node.level == 2 or node.module == "tinylstm"):
            yield from ((node.module or "", one.name) for one in node.names)


@lru_cache
def documented():
    """Names that the reference lists: modules, and what else stands there."""
    pages = (ROOT / "docs" / "api").glob("*.md")
    text = "\n".join(page.read_text(encoding="utf-8") for page in pages)
    return set(re.findall(r"^\.\. auto\w+:: tinylstm\.(\S+)$", text, re.MULTILINE))


def is_public(module, name):
    """Whether anybody may import it: it is in the reference, or in a module that is."""
    if module == "":
        return name in tinylstm.__all__ or name in ("layers", *documented())
    listed = getattr(import_module(f"tinylstm.{module}"), "__all__", [name])
    return f"{module}.{name}" in documented() or (module in documented() and name in listed)


def test_old_scripts_are_run_by_what_is_public():
    found = {
        (file, module, name)
        for file, tree in of_old_scripts().items()
        for module, name in imported_from_above(tree)
        if module.partition(".")[0] not in BESIDE_THE_SURFACE and not is_public(module, name)
    }
    assert found == set()


def test_old_scripts_touch_nothing_that_is_private_to_others():
    own, touched = set(), set()
    for tree in of_old_scripts().values():
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef):
                own.add(node.name)
            if isinstance(node, ast.Attribute) and re.match("_(?!_)", node.attr):
                mine = isinstance(node.value, ast.Name) and node.value.id in ("self", "cls")
                (own if mine else touched).add(node.attr)
    assert touched - own - OF_PYTHON == set()


@pytest.mark.parametrize(
    ("source", "is_fine"),
    [
        ("from .. import LSTM, layers", True),
        ("from ..losses import Loss", True),
        ("from ..settings import new_seed", True),
        ("from ..engine.network import Network", False),
        ("from ..layers.layer import Layer", False),
        ("from ..settings import float_dtype", False),
        ("from ..optimizers import numbers_of", False),
        ("from .. import engine", False),
    ],
)
def test_what_is_not_public_is_seen(source, is_fine):
    found = [is_public(*one) for one in imported_from_above(ast.parse(source))]
    assert found == [is_fine] * len(found)
