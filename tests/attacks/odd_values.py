"""Every argument of the public surface with every odd value: taken, or refused in a sentence.

No call may end in an error of Python's own, hang where Ctrl-C does not end it, reserve memory that
was not checked, or write a file that was not named.
"""

import os
import random
import signal
import time
import warnings
from contextlib import ExitStack, chdir, contextmanager, redirect_stderr, redirect_stdout, suppress
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.surface.odd import ODD
from tests.surface.use import given, required
from tests.surface.uses import USES

ROOM = 2 * 2**30  # bytes of address space that the calls may have beside what is there
SECONDS, HEARD = 1.0, 5.0  # until a call is interrupted; of the processor, until it has ended
PATHS = {"filepath", "filename", "backup_dir"}  # see tests/files/test_paths.py
CASES = [
    (name, argument, k)
    for name, use in USES.items()
    for argument in use.values
    if argument not in PATHS
    for k in range(len(ODD))
]


def attack(tries, seed):
    """Cases in random order, each once at most."""
    cases = random.Random(seed).sample(CASES, min(tries, len(CASES)))
    with little_memory(), TemporaryDirectory() as folder, chdir(folder):
        for case in cases:
            yield from finds(*case)


def finds(name, argument, k):
    """What is wrong with what a call does: a sentence, or none."""
    use, value = USES[name], ODD[k]
    others = {one: use.values[one][0] for one in required(use.documented) if one in use.values}
    arguments = {one: given(of) for one, of in (use.beside | others | {argument: value}).items()}
    call, started = f"{name}({argument}={arguments[argument]!r})", time.process_time()
    try:
        with interrupted(SECONDS), silence():
            use.call(**arguments)
    except KeyboardInterrupt:
        pass
    except BaseException as reason:
        said = str(reason).split("\n")
        if not (
            len(said) >= 3
            and said[-2].startswith("Expected: ")
            and said[-1].startswith("Received: ")
        ):
            yield f"{call}: {type(reason).__name__}: {reason}"
    if time.process_time() - started > SECONDS + HEARD:
        yield f"{call}: not heard for {time.process_time() - started:.1f} s"
    for path in Path().iterdir():
        yield f"{call}: wrote {path}"
        path.unlink()


@contextmanager
def silence():
    """Nothing is shown, and no warning either."""
    with ExitStack() as stack:
        nowhere = stack.enter_context(open(os.devnull, "w"))
        stack.enter_context(redirect_stdout(nowhere))
        stack.enter_context(redirect_stderr(nowhere))
        stack.enter_context(warnings.catch_warnings())
        warnings.simplefilter("ignore")
        yield


@contextmanager
def interrupted(seconds):
    """A Ctrl-C after so long, as for training of 2^31 epochs."""

    def interrupt(*_):
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGALRM, interrupt)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


@contextmanager
def little_memory():
    """Where Linux can say so, what is reserved without a look at what there is fails."""
    with suppress(ImportError, OSError):
        import resource

        before = resource.getrlimit(resource.RLIMIT_AS)
        has = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
        resource.setrlimit(resource.RLIMIT_AS, (has + ROOM, before[1]))
        try:
            yield
        finally:
            resource.setrlimit(resource.RLIMIT_AS, before)
        return
    yield
