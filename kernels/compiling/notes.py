"""What is said beside a `TypingError`: whose function it was, and the way out."""

import inspect
import re


def written(dispatcher):
    """Name of the function that somebody wrote: of a cell's kernel it is the cell's step."""
    step = inspect.getclosurevars(dispatcher.py_func).nonlocals.get("step")
    return dispatcher._cache.place if step is None else step.py_func.__name__


def way_out(message):
    """What to do where a function cannot be compiled, in a sentence."""
    helper = re.search(r"Untyped global name '(\w+)'.*type of <class 'function'>", message)
    if helper:
        return (
            f"The function {helper[1]} needs @tinylstm.kernels.inner above it: compiled code calls "
            "no plain one."
        )
    return (
        "As plain Python it says what is wrong in which line: set NUMBA_DISABLE_JIT=1 and run the "
        "script again."
    )
