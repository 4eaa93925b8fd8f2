"""A script's syntax tree: what is certainly run, which names it binds, and where it may end."""

import ast

WAYS_OUT = frozenset({"exit", "_exit", "quit", "abort", "SystemExit", "execv", "execvp"})
WAYS_OUT_OF_MODULES = WAYS_OUT | {"run", "main"}  # tf.app.run, unittest.main
LATER = (ast.Lambda, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)
IS_MAIN = {"__name__ == '__main__'", "'__main__' == __name__"}
UNKNOWN = object()


class Scope(dict):
    """{name: value} of what is known in the script or in one function: values, classes, `Missing`,
    functions of the script, `MODEL`.

    Parameters
    ----------
    tree : ast.AST
        The script or a function.
    outer : Scope, optional
        That of the script.
    """

    def __init__(self, tree, outer=None):
        super().__init__()
        self.outer = outer
        self.own = names_bound(tree.body) | arguments_of(tree)
        self.doubtful = doubtful_names(without_guard(tree.body))

    def value(self, name):
        """What a name stands for."""
        if self.outer is not None and name not in self.own:
            return self.outer.value(name)
        return UNKNOWN if name in self.doubtful else self.get(name, UNKNOWN)


def without_guard(statements):
    """The statements, with those of ``if __name__ == "__main__":`` in its place."""
    for one in statements:
        if isinstance(one, ast.If) and ast.unparse(one.test) in IS_MAIN:
            yield from one.body
        else:
            yield one


def named_in(tree):
    """Names that stand alone somewhere."""
    return {one.id for one in ast.walk(tree) if isinstance(one, ast.Name)}


def attributes_in(tree, *contexts):
    """Names behind a dot: all of them, or those that are set or deleted."""
    found = (one for one in ast.walk(tree) if isinstance(one, ast.Attribute))
    return {one.attr for one in found if not contexts or isinstance(one.ctx, contexts)}


def is_entered_at_once(function):
    """Whether a call of it runs its statements: a generator waits."""
    return not any(isinstance(one, ast.Yield | ast.YieldFrom) for one in ast.walk(function))


def may_end(statement):
    """Whether the script may end in a statement, or in a function that it defines."""
    ways = WAYS_OUT & named_in(statement) | WAYS_OUT_OF_MODULES & attributes_in(statement)
    return bool(ways)


def may_return(statement):
    """Whether there is a return in it that is its function's."""
    if isinstance(statement, ast.Return):
        return True
    if isinstance(statement, (*FUNCTIONS, ast.ClassDef)):
        return False
    return any(may_return(part) for part in ast.iter_child_nodes(statement))


def certain_parts(one):
    """The parts of an expression that are evaluated whenever it is."""
    if isinstance(one, ast.Lambda):
        return []
    if isinstance(one, LATER):
        return [one.generators[0].iter]
    if isinstance(one, ast.BoolOp):
        return one.values[:1]
    if isinstance(one, ast.IfExp):
        return [one.test]
    if isinstance(one, ast.Compare):
        return [one.left, one.comparators[0]]
    return [part for part in ast.iter_child_nodes(one) if isinstance(part, ast.expr | ast.keyword)]


def names_bound(statements):
    """Names that statements bind in their own scope, at any depth."""
    found = set()
    for one in statements:
        if isinstance(one, ast.Name):
            found |= {one.id} if not isinstance(one.ctx, ast.Load) else set()
        elif isinstance(one, ast.alias):
            found.add(one.asname or one.name.partition(".")[0])
        elif isinstance(one, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            found |= {one.name, *globals_of(one)}
        else:
            named = getattr(one, "name", None), getattr(one, "rest", None)  # in except, or patterns
            found.update(name for name in named if isinstance(name, str))
            found |= names_bound(ast.iter_child_nodes(one))
    return found


def globals_of(tree):
    """Names that functions bind outside of themselves."""
    return {
        name
        for one in ast.walk(tree)
        if isinstance(one, ast.Global | ast.Nonlocal)
        for name in one.names
    }


def doubtful_names(statements):
    """Names that are bound where it is not certain that, or when, they are."""
    found = set()
    plain = ast.Import | ast.ImportFrom | ast.Assign | ast.AugAssign | ast.AnnAssign | ast.Expr
    for one in statements:
        walrus = (part for part in ast.walk(one) if isinstance(part, ast.NamedExpr))
        found |= {part.target.id for part in walrus}
        if isinstance(one, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            found |= globals_of(one)
        elif not isinstance(one, plain):
            found |= names_bound([one])
    return found


def arguments_of(tree):
    """The names of a function's arguments."""
    return {
        one.arg for one in ast.walk(getattr(tree, "args", ast.Pass())) if isinstance(one, ast.arg)
    }
