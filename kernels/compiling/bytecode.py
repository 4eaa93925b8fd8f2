"""What a code object does, and what it names; without comments, docstrings, lines and files."""

import dis
import hashlib
import re
from functools import cache
from types import CodeType
from typing import NamedTuple

from .constants import text_of

HAS_CONSTANT = frozenset(dis.hasconst)
READS = {"LOAD_GLOBAL": 1, "LOAD_NAME": 0, "LOAD_FROM_DICT_OR_GLOBALS": 0}  # bits beside the name
HAS_GLOBAL = {dis.opmap[name]: bits for name, bits in READS.items() if name in dis.opmap}
HAS_DOCSTRING = 0x4000000  # among the flags of later Pythons
STEPS = HAS_CONSTANT | HAS_GLOBAL.keys() | {dis.opmap["IMPORT_NAME"]}
LOOKED_AT = re.compile(b"[" + re.escape(bytes(STEPS)) + b"]")  # among the bytes that are steps


class Code(NamedTuple):
    """What there is to know of a code object and of those that are nested in it."""

    digest: str
    read: tuple  # names of what it reads from its module
    imported: tuple  # names of modules that it imports itself
    named: frozenset  # all names and texts in it: any may be an attribute of a module


@cache
def code_of(code):
    """What there is to know of a code object. It never changes."""
    steps, constants, read, imported = bytearray(code.co_code), [], [], []
    for found in LOOKED_AT.finditer(steps[::2]):
        k = 2 * found.start()
        step, argument = steps[k], argument_of(steps, k)
        if step in HAS_CONSTANT:
            constants.append(code.co_consts[argument])
            steps[k + 1] = 0  # its place: another one where a docstring comes or goes
        elif step in HAS_GLOBAL:
            read.append(code.co_names[argument >> HAS_GLOBAL[step]])
        else:
            imported.append(code.co_names[argument])
    named = {*code.co_names, *(one for one in constants if isinstance(one, str))}
    for one in constants:
        if isinstance(one, CodeType):
            nested = code_of(one)
            read += nested.read
            imported += nested.imported
            named |= nested.named
    counts = code.co_argcount, code.co_posonlyargcount, code.co_kwonlyargcount
    flags = code.co_flags & ~HAS_DOCSTRING
    variables = code.co_varnames, code.co_cellvars, code.co_freevars
    content = bytes(steps), [*map(constant, constants)], code.co_names, code.co_exceptiontable
    unique = tuple(dict.fromkeys(read)), tuple(dict.fromkeys(imported))
    return Code(digest((content, counts, variables, flags)), *unique, frozenset(named))


def argument_of(steps, k):
    """Of the step at k; of a large one the steps before it hold a part."""
    if k == 0 or steps[k - 2] != dis.EXTENDED_ARG:
        return steps[k + 1]
    return steps[k + 1] | argument_of(steps, k - 2) << 8


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
