"""Modules that are not installed and that a script imports: it may, as long as it uses none."""

import ast
import sys
from importlib.machinery import ModuleSpec
from types import SimpleNamespace

from .. import floatx
from .missing import MissingModule
from .tensorflow import Settings


class AbsentModules:
    """The last entry of ``sys.meta_path``: answers the script's own imports that nobody else did.

    An import under ``try`` fails as ever, because the script knows what to do then; so do the
    imports of other modules.

    Parameters
    ----------
    tree : ast.AST
        The script.
    file : str
        Its path.
    """

    def __init__(self, tree, file):
        self.file, self.guarded = file, guarded_lines(tree)
        self.answered = set()

    def find_spec(self, name, path=None, target=None):
        """The spec of a module that is imported by the script, or below one of those."""
        later = sys.meta_path[sys.meta_path.index(self) + 1 :]  # of modules imported since then
        specs = (finder.find_spec(name, path, target) for finder in later)
        if found := next(filter(None, specs), None):
            return found
        if name.rpartition(".")[0] in self.answered or self.is_imported_by_the_script():
            self.answered.add(name)
            return ModuleSpec(name, self, is_package=True)

    def forget(self):
        """Answer no more, and take all answers back."""
        sys.meta_path.remove(self)
        for name in self.answered:
            sys.modules.pop(name, None)

    def is_imported_by_the_script(self):
        """Whether the import that is under way stands in the script, and not under ``try``."""
        frame = sys._getframe(2)
        while frame is not None and "importlib" in frame.f_code.co_filename:
            frame = frame.f_back
        here = frame is not None and frame.f_code.co_filename == self.file
        return here and frame.f_lineno not in self.guarded

    def create_module(self, spec):
        """A module whose names can be imported."""
        return MissingModule(spec.name)

    def exec_module(self, module):
        """Theano has its configuration."""
        if module.__name__ == "theano":
            module.config = Configuration(floatX=floatx())


class Configuration(SimpleNamespace):
    """``theano.config``: what a script sets it finds again, and nothing depends on it."""

    def __getattr__(self, name):
        return getattr(Settings(), name)


def guarded_lines(tree):
    """Lines of all imports under a ``try`` with handlers."""
    return {
        line
        for part in ast.walk(tree)
        if isinstance(part, ast.Try) and part.handlers
        for statement in part.body
        for node in ast.walk(statement)
        if isinstance(node, ast.Import | ast.ImportFrom)
        for line in range(node.lineno, node.end_lineno + 1)
    }
