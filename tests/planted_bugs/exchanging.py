"""An engine that is imported becomes what another source of one of its files would make of it."""

import ast
import gc
import sys
from importlib.machinery import SourceFileLoader
from types import CodeType, FunctionType

CHANGED = "tests", "tinylstm"


def exchange(file, source):
    """Give the functions of a file the code that they have in another source of it.

    Functions that others have made, closures among them, get theirs too. Returns how many got one:
    none, where a module, or a class, has another number, name or decorator.
    """
    text = file.read_text(encoding="utf-8")
    here, there = codes(text), codes(source)
    plain = codes(ast.unparse(ast.parse(text)))  # the same lines as in the other source
    differ = (name for name in here if name in there and there[name] != plain[name])
    meant = {here[name]: there[name] for name in differ}
    functions = (one for one in gc.get_objects() if isinstance(one, FunctionType))
    changed = [one for one in functions if one.__code__ in meant]
    for one in changed:
        one.__code__ = meant[one.__code__]
    return len(changed)


def codes(source):
    """{(dotted name, how many of it come before): code} of the functions in a source."""
    found, left = {}, [compile(source, "", "exec")]
    while left:
        inside = [const for const in left.pop(0).co_consts if isinstance(const, CodeType)]
        for code in inside:
            count = sum(name == code.co_qualname for name, _ in found)
            found[code.co_qualname, count] = code
        left += inside
    return found


def forget(file, source):
    """Let all be imported anew, and that file with another source."""
    read = SourceFileLoader.get_code

    def get_code(loader, name):
        return compile(source, file, "exec") if loader.path == str(file) else read(loader, name)

    SourceFileLoader.get_code = get_code
    for name in [name for name in sys.modules if name.partition(".")[0] in CHANGED]:
        del sys.modules[name]
