"""What a broken file may and may not do, of whatever format: the one judge of all damaged files.

A file is refused in a sentence, of a kind of error that is documented, and all is as it was before;
or it is taken, and then for what it is: no number that is not finite, none that the format's own
sum denies or another reader reads otherwise. Either way nothing of it is run, no module imported,
no process started, no other file opened or written; nothing is allocated beyond twice the file and
64 MiB; and nothing hangs. A `Row` says what this means for a format.
"""

import ctypes
import multiprocessing.synchronize  # noqa: F401  a progress bar reads it when it likes
import re
import sys
import time
import warnings
from collections.abc import Callable
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.attacks.odd_values import interrupted
from tests.snapshots import everything

try:
    import resource
except ImportError:  # Windows
    resource = None

ROOM = 64 * 2**20  # bytes beside twice those of the file
OWN = "tinylstm", "numpy", "numba", "llvmlite", "encodings", "h5py"  # whose modules may be imported
RUNS = re.compile(  # events of what runs code, starts processes, talks, or changes a disk
    r"exec$|compile$|pickle\.find_class|marshal\.|code\.__new__|ctypes\.|subprocess\.|pty\.|socket\.|shutil\."
    r"|os\.(system|exec|spawn|posix_spawn|fork|startfile|mkdir|remove|rename|rmdir|link|symlink"
    r"|chmod|chown|truncate|kill)"
)
PASSED_OVER = "<frozen importlib", str(Path(__file__).with_name("_forks.py"))


@dataclass(frozen=True)
class Row:
    """What is asked of a file of a format, and what of the judgement is its own.

    Attributes
    ----------
    taken : function
        What is made of the file at a path, and of the model, where there is one.
    wrong : function
        Of what was made and the bytes of the file: what is wrong with it, as its own sums or
        other readers say; each a word or two.
    refusals : type
        Of errors that are documented.
    seconds : float
        Of the processor, in this process.
    patience : float
        Seconds on the clock, on a machine with much else to do.
    model : function, optional
        The model that is as before where a file is refused.
    modules : tuple of str
        Whose modules may be imported.
    only_reads : bool
        Whether nothing but the file is opened, and none written.
    """

    taken: Callable
    wrong: Callable = lambda found, content: ()
    refusals: type = ValueError
    seconds: float = 1.0
    patience: float = 60.0
    model: Callable | None = None
    modules: tuple = OWN
    only_reads: bool = True


def finds(row, path, name, content, is_sound=False):
    """What is wrong with what is made of a file: a sentence each."""
    path.write_bytes(content)
    models = [row.model()] if row.model else []
    before, there = [everything({"model": one}) for one in models], sorted(path.parent.iterdir())
    found = refused = None
    modules = {*sys.modules}
    try:
        with (
            quiet(),
            measured(len(content)) as took,
            watched(path) as events,
            interrupted(row.patience),
        ):
            started = time.process_time()
            found = row.taken(path, *models)
    except KeyboardInterrupt:
        yield f"{name}: hangs"
        return
    except Exception as reason:
        refused = reason
    if (seconds := time.process_time() - started) > row.seconds:
        yield f"{name}: takes {seconds:.1f} s"
    if took and took[0] > ROOM + 2 * len(content):
        yield f"{name}: takes {took[0]:,} bytes of memory for {len(content):,} of a file"
    for one in sorted({*sys.modules} - modules):
        if not one.startswith(row.modules):
            yield f"{name}: imports {one}"
    if row.only_reads:
        yield from (f"{name}: {event}" for event in events)
        if sorted(path.parent.iterdir()) != there:
            yield f"{name}: writes {sorted(path.parent.iterdir())}"
    if refused is None:
        yield from (f"{name}: is taken {what}" for what in row.wrong(found, content))
        return
    yield from of_refusal(name, refused, row.refusals)
    if is_sound:
        yield f"{name}: refuses a sound file: {refused}"
    for model, old in zip(models, before, strict=True):
        now = everything({"model": model})
        if now != old:
            what = [one for one in old if now.get(one) != old[one]]
            yield f"{name}: is refused, and has changed {what}"


def into(path, model):
    """The model, with the weights of a file."""
    model.load_weights(path)
    return model


def of_refusal(name, reason, kinds=ValueError | TypeError):
    """What is wrong with a refusal: a sentence, or none."""
    if not isinstance(reason, kinds) or not is_sentence(str(reason)):
        yield f"{name}: {type(reason).__name__}: {reason}"


def is_sentence(said):
    """Whether it is one, with what was expected and what came, and shows on any terminal."""
    lines = said.split("\n")
    starts = len(lines) == 3 and (lines[1][:10], lines[2][:10]) == ("Expected: ", "Received: ")
    return starts and all(line.isprintable() for line in lines)


@contextmanager
def quiet():
    """Warnings are not heard."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


class Watch:
    """Hears what Python says that it does, while there is a file to be watched."""

    def __init__(self):
        self.path, self.events = None, []
        sys.addaudithook(self.hear)  # which cannot be taken away

    def hear(self, event, arguments):
        """Note what reading a file has no need of."""
        if self.path is None:
            return
        if event == "open":
            self.hear_open(*arguments)
        elif RUNS.match(event) and not self.is_known():
            self.events.append(f"{event} {arguments!r:.200}")

    def hear_open(self, path, mode, flags):
        """Note that a file is opened which is another one, and no module."""
        if isinstance(path, int) or str(path) == self.path or self.is_known():
            return
        if not is_nameless(path):
            self.events.append(f"opens {path!r:.200} {mode or ''}")

    def is_known(self):
        """Whether a module is being imported, which is judged after it; or the process that reads
        HDF5 is asked, which here is no new one."""
        frame = sys._getframe(2)
        while frame:
            if frame.f_code.co_filename.startswith(PASSED_OVER):
                return True
            frame = frame.f_back
        return False


def is_nameless(path):
    """Whether a path is that of a temporary file without a name, or of what the system tells."""
    return str(path).startswith(("/tmp", "/proc", "/sys", "/dev/null"))


@contextmanager
def watched(path, watch=[]):  # noqa: B006  one for the process
    """A block in which one file is read: a list of what happens there that should not."""
    if not watch:
        watch.append(Watch())
    (one,) = watch
    one.path, one.events = str(path), []
    try:
        yield one.events
    finally:
        one.path = None


@contextmanager
def measured(size):
    """A block in which no more is reserved than a file of a size may; [what it took at most].

    The list is empty where the system is none of Linux.
    """
    took = []
    give_back_what_is_free()
    try:
        Path("/proc/self/clear_refs").write_text("5")  # the peak is what there is now
    except OSError:
        yield took
        return
    soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    before = of_status("VmRSS")
    resource.setrlimit(resource.RLIMIT_AS, (of_status("VmSize") + 2 * size + ROOM, hard))
    try:
        yield took
    finally:
        resource.setrlimit(resource.RLIMIT_AS, (soft, hard))
        took.append(of_status("VmHWM") - before)


def give_back_what_is_free():
    """What this process holds and does not use, to the system: else it might be taken unseen."""
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None) if sys.platform == "linux" else None
    if trim is not None:
        trim(0)


def of_status(what):
    """Bytes of the memory of this process, as Linux calls them."""
    lines = Path("/proc/self/status").read_text()
    return 1024 * int(re.search(rf"{what}:\s+(\d+)", lines)[1])
