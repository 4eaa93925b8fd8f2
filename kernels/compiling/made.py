"""What machine code of this process was made of: the key that each dispatcher had just then.

A kernel's code holds that of all that it calls, and some of that may be older than a change of a
number, or of a function, which the kernel's own key has seen. Such a kernel is not kept.
"""

import sys
from weakref import WeakKeyDictionary

from .reach import Unseen, dispatchers, reach

HEAVY = 1_500  # bytes of bytecode, with what it calls, from which a kernel takes half a second
_made = WeakKeyDictionary()  # dispatcher to the keys with which it was compiled, or loaded


def key_of(dispatcher):
    """Key of a dispatcher as it is now; None where it reaches what may change unseen."""
    try:
        return reach(dispatcher).key
    except (Unseen, RecursionError):
        return None


def are_in_modules(dispatcher):
    """Whether every function that a dispatcher calls has a module: Numba looks it up, where it
    reads machine code."""
    try:
        called = dispatchers(reach(dispatcher).things)
    except (Unseen, RecursionError):
        return False
    return all(one.py_func.__module__ in sys.modules for one in called)


def weight(dispatcher):
    """How long a kernel takes to compile: bytes of its bytecode and of all that it calls."""
    try:
        called = dispatchers(reach(dispatcher).things)
    except Unseen:
        called = [dispatcher]
    return sum(len(one.py_func.__code__.co_code) for one in called)


def note(dispatcher, key):
    """Machine code of a dispatcher, of that key, is being made, or has been loaded."""
    _made.setdefault(dispatcher, set()).add(key)


def is_of_now(dispatcher):
    """Whether all that a compiled dispatcher calls was made of what it would be made of now."""
    compiled = (one for one in dispatchers(reach(dispatcher).things) if one.overloads)
    return all(_made.get(one) == {key_of(one)} for one in compiled)
