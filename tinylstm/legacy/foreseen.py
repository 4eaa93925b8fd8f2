"""What a script will certainly miss, found in its syntax tree before it starts.

Only what is sure to be reached counts: statements one after the other, and functions of the script
that they call, up to the first one from which the script may end. What stands under ``if``, under
``try`` or ``with``, or in a loop, may not be run; a name that is bound there may be anything.
"""

import ast
from contextlib import suppress
from importlib import import_module
from types import ModuleType

from .missing import Missing, MissingFeature
from .model import Sequential, lacking
from .models import TABLE
from .modules import ROOTS
from .scopes import (
    UNKNOWN,
    Scope,
    attributes_in,
    certain_parts,
    is_entered_at_once,
    may_end,
    may_return,
    named_in,
    names_bound,
    without_guard,
)

TRICKS = frozenset({"exec", "eval", "globals", "locals", "vars", "setattr", "delattr"})
MODEL = object()  # stands for a model


def foreseen(tree):
    """[(line, MissingFeature)] of what a script certainly uses and this engine has not.

    The modules of Keras are those of the dialect that is spoken: see `modules.install`.
    """
    look = Look(tree)
    if not TRICKS & named_in(tree) and "modules" not in attributes_in(tree):
        with suppress(Ended, RecursionError):
            look.through(without_guard(tree.body), Scope(tree))
    return look.found


class Ended(Exception):
    """From here on nothing is certain."""


class Look:
    """Goes through a script as it will run, and keeps what is missing.

    Parameters
    ----------
    tree : ast.AST
    """

    def __init__(self, tree):
        self.found = []
        self.entered = set()  # functions
        self.set_somewhere = attributes_in(tree, ast.Store, ast.Del)

    def through(self, statements, scope):
        """Look through statements that run one after the other; returns what they return."""
        for one in statements:
            if isinstance(one, ast.Raise):
                raise Ended
            if isinstance(one, ast.Return):
                return UNKNOWN if one.value is None else self.value(one.value, scope)
            self.at(one, scope)
            if may_end(one):
                raise Ended
            if may_return(one):
                return UNKNOWN
        return UNKNOWN

    def at(self, one, scope):
        """Look at a statement."""
        if isinstance(one, ast.Import | ast.ImportFrom):
            self.at_import(one, scope)
        elif isinstance(one, ast.FunctionDef):
            known = scope.outer is None and not one.decorator_list  # it sees the script's names
            scope[one.name] = one if known else UNKNOWN
        elif isinstance(one, ast.ClassDef):
            for base in one.bases:
                self.used(self.value(base, scope), base)
            scope[one.name] = UNKNOWN
        elif isinstance(one, ast.Expr):
            self.value(one.value, scope)
        elif isinstance(one, ast.Assign):
            value = self.value(one.value, scope)
            for target in one.targets:
                alone = isinstance(target, ast.Name)
                scope.update(dict.fromkeys(names_bound([target]), value if alone else UNKNOWN))
        elif isinstance(one, ast.AugAssign | ast.AnnAssign):
            if one.value is not None:
                self.value(one.value, scope)
            scope.update(dict.fromkeys(names_bound([one]), UNKNOWN))
        else:
            scope.update(dict.fromkeys(names_bound([one]), UNKNOWN))

    def at_import(self, one, scope):
        """Know what an import binds, where it is one of Keras."""
        for alias in one.names:
            if isinstance(one, ast.Import):
                whole = alias.name if alias.asname else alias.name.partition(".")[0]
                scope[alias.asname or whole] = module_of(whole, alias.name)
                continue
            module = UNKNOWN if one.level else module_of(one.module, one.module)
            if alias.name == "*":
                self.at_star(module, scope)
            else:
                name = alias.asname or alias.name
                scope[name] = self.attribute(module, alias.name)

    def at_star(self, module, scope):
        """All names of a module of Keras; of any other, nothing is known any more."""
        if module is UNKNOWN:
            scope.clear()
        else:
            scope.update((name, getattr(module, name)) for name in module.__all__)

    def value(self, one, scope):
        """What an expression stands for; what is certainly used in it is noted."""
        if isinstance(one, ast.Name):
            return scope.value(one.id)
        if isinstance(one, ast.Attribute):
            return self.value_of_attribute(one, scope)
        if isinstance(one, ast.Call):
            return self.value_of_call(one, scope)
        if isinstance(one, ast.Subscript):
            self.used(self.value(one.value, scope), one)
            self.value(one.slice, scope)
        else:
            for part in certain_parts(one):
                self.value(part, scope)
        return UNKNOWN

    def value_of_attribute(self, one, scope):
        """What an attribute stands for."""
        owner = self.value(one.value, scope)
        if one.attr in self.set_somewhere or one.attr.startswith("__"):
            return UNKNOWN
        if owner is MODEL:
            self.need(one, lacking(one.attr))
            return UNKNOWN
        self.used(owner, one)
        return self.attribute(owner, one.attr)

    def attribute(self, owner, name):
        """What a name in a module of Keras stands for."""
        if not isinstance(owner, ModuleType) or name in self.set_somewhere:
            return UNKNOWN
        return getattr(owner, name, UNKNOWN)

    def value_of_call(self, one, scope):
        """What a call gives: a model, or what a function of the script returns."""
        function = self.value(one.func, scope)
        for argument in (*one.args, *one.keywords):
            self.value(argument.value if isinstance(argument, ast.keyword) else argument, scope)
        self.used(function, one)
        if function is Sequential or function is TABLE["load_model"]:
            return MODEL
        if isinstance(function, ast.FunctionDef) and is_entered_at_once(function):
            return self.value_of_function(function, scope)
        return UNKNOWN

    def value_of_function(self, function, scope):
        """What a function of the script returns; it is looked through once."""
        if function in self.entered:
            return UNKNOWN
        self.entered.add(function)
        outer = scope if scope.outer is None else scope.outer
        return self.through(function.body, Scope(function, outer))

    def used(self, thing, one):
        """Note that an expression uses a thing, if that is missing."""
        if isinstance(thing, Missing):
            try:
                thing()
            except MissingFeature as reason:
                self.need(one, reason)

    def need(self, one, reason):
        """Note what is missing, once."""
        if reason is not None and str(reason) not in {str(other) for _, other in self.found}:
            self.found.append((one.lineno, reason))


def module_of(name, imported):
    """A module of Keras, after an import of it or of one below it; others are unknown."""
    if name.partition(".")[0] not in ROOTS:
        return UNKNOWN
    import_module(imported)
    return import_module(name)
