"""What a code object does, and what it names; without comments, docstrings, lines and files."""

import dis
import hashlib
from functools import cache
from types import CodeType
from typing import NamedTuple

from .constants import text_of

HAS_CONSTANT = frozenset(dis.hasconst)
READS = {"LOAD_GLOBAL": 1, "LOAD_NAME": 0, "LOAD_FROM_DICT_OR_GLOBALS": 0}  # bits beside the name
HAS_GLOBAL = {dis.opmap[name]: bits for name, bits in READS.items() if name in dis.opmap}
IMPORT = dis.opmap["IMPORT_NAME"]


class Code(NamedTuple):
    """What there is to know of a code object and of those that are nested in it."""

    digest: str
    read: tuple  # names of what it reads from its module
    imported: tuple  # names of modules that it imports itself
    named: frozenset  # all names and texts in it: any may be an attribute of a module


@cache
def code_of(code):
    """What there is to know of a code object. It never changes."""
    steps, constants, argument = bytearray(code.co_code), [], 0
    read, imported = [], []
    for k in range(0, len(steps), 2):
        step, argument = steps[k], argument << 8 | steps[k + 1]
        if step == dis.EXTENDED_ARG:
            continue
        if step in HAS_CONSTANT:
            constants.append(code.co_consts[argument])
            steps[k + 1] = 0  # its place: another one where a docstring comes or goes
        elif step in HAS_GLOBAL:
            read.append(code.co_names[argument >> HAS_GLOBAL[step]])
        elif step == IMPORT:
            imported.append(code.co_names[argument])
        argument = 0
    named = {*code.co_names, *(one for one in constants if isinstance(one, str))}
    for one in constants:
        if isinstance(one, CodeType):
            nested = code_of(one)
            read += nested.read
            imported += nested.imported
            named |= nested.named
    counts = code.co_argcount, code.co_posonlyargcount, code.co_kwonlyargcount, code.co_flags
    variables = code.co_varnames, code.co_cellvars, code.co_freevars
    content = bytes(steps), [*map(constant, constants)], code.co_names, code.co_exceptiontable
    unique = tuple(dict.fromkeys(read)), tuple(dict.fromkeys(imported))
    return Code(digest((content, counts, variables)), *unique, frozenset(named))


def constant(value):
    """One of a code object's constants, as a text."""
    if isinstance(value, CodeType):
        return code_of(value).digest
    if isinstance(value, tuple):
        return f"({', '.join(map(constant, value))})"
    if isinstance(value, frozenset):
        return f"{{{', '.join(sorted(map(constant, value)))}}}"
    return text_of(value)


def digest(described):
    """A hash of nested tuples, lists, numbers and texts."""
    return hashlib.sha256(repr(described).encode(errors="surrogatepass")).hexdigest()
