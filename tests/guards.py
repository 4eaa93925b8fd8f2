"""The guard mode: does a compiled call write outside a vector that it was given?

In it every vector that compiled code writes has guard words before and behind: parameters,
gradients, moments, workspaces and their copies, flags, states, tables, results, outputs. So have
the arrays inside a workspace, such as packed copies of the parameters. They are looked at after
each compiled call. ``pytest --guards`` runs any tests in this mode.

All bytes of the words are one. As `SMALL` floats they are small numbers, with which a computation
goes on that reads them, to where it writes; as `NAN` they are NaN, so that what is read from there
shows in what comes out.
"""

from contextlib import contextmanager
from weakref import ref

import numpy as np
from tinylstm.kernels.streaming import generation

from tinylstm.data import arrays
from tinylstm.engine import program, stepper

LINE = 64  # bytes
SIZE = 64 * LINE  # of the words on each side
SMALL, NAN = 0x3B, 0xFF
CALLED = (  # the kernels that Python calls, where it finds them
    *((program, name) for name in ("run_batches", "forward_pass", "backward_pass")),
    (stepper, "step"),
    (generation, "generate"),
)
PLACE, ROOMS = program.Program._place, program.Program.rooms
GAP = 2 * arrays.ALIGNMENT  # elements between the arrays in a workspace
FOUND_ONCE = program.compiled_loop, program.compiled_passes


class GuardWordsChanged(AssertionError):
    """A compiled call has written outside a vector."""


class Guards:
    """All vectors that were made since it began, and are still there."""

    def __init__(self, byte):
        self.byte, self.words = byte, bytes([byte]) * SIZE
        self.rooms = {}  # by number: the memory of a vector, where it ends, and what it is
        self.gaps = {}  # by number: a workspace, and where in it are guard words

    def vector(self, size, dtype):
        """A vector of zeros at the beginning of a cache line, between guard words."""
        dtype = np.dtype(dtype)
        content = int(size) * dtype.itemsize
        room = np.full(content + 2 * SIZE + LINE, self.byte, np.uint8)
        start = SIZE + -room.ctypes.data % LINE
        room[start : start + content] = 0
        number = id(room)
        gone = ref(room, lambda _: self.rooms.pop(number, None))
        self.rooms[number] = gone, start, start + content, f"{size} elements of {dtype}"
        return np.ndarray(int(size), dtype, room, start)

    def place(self, layout, shape):
        """Reserve room for an array in a workspace, with guard words behind it."""
        offset = PLACE(layout, shape)
        if offset > 0:  # behind the first there are none: the two states lie side by side
            vars(layout).setdefault("gaps", []).append(slice(layout.size, layout.size + GAP))
            layout.size += GAP
        return offset

    def rooms_of(self, layout, count):
        """The workspaces, whose gaps are known from now on."""
        there = len(layout._rooms)
        rooms = ROOMS(layout, count)
        for _, _, work in rooms[there:]:
            number, gaps = id(work), vars(layout).get("gaps", ())
            for gap in gaps:  # now: another thread may look before the first call
                work[gap].view(np.uint8)[:] = self.byte
            gone = ref(work, lambda _, number=number: self.gaps.pop(number, None))
            self.gaps[number] = gone, gaps
        return rooms

    def words_inside(self):
        """The bytes of each gap of each workspace: views."""
        for find, gaps in list(self.gaps.values()):
            work = find()
            for gap in () if work is None else gaps:
                yield work[gap].view(np.uint8), gap.start

    def renew_inside(self):
        """Put guard words into the gaps; a test may have written to the whole workspace."""
        for words, _ in self.words_inside():
            words[:] = self.byte

    def check_inside(self):
        """Whether they are as they were, after a compiled call."""
        for words, start in self.words_inside():
            if (words != self.byte).any():
                raise GuardWordsChanged(
                    f"The workspace was written to behind an array that ends at {start}."
                )

    def check(self):
        """Whether all guard words are as they were.

        Raises
        ------
        GuardWordsChanged
            Names the first vector around which they are not, and how far from it.
        """
        for find, start, stop, what in list(self.rooms.values()):
            room = find()
            if room is None:
                continue
            sides = room[start - SIZE : start], room[stop : stop + SIZE]
            if any(side.tobytes() != self.words for side in sides):
                for side in sides:  # once is enough
                    side[:] = self.byte
                raise GuardWordsChanged(f"The memory around {what} was written to.")


class Checked:
    """A kernel after whose calls the guard words are looked at."""

    def __init__(self, kernel, guards):
        self.kernel, self.guards = kernel, guards

    def __call__(self, *args):
        self.guards.renew_inside()
        result = self.kernel(*args)
        self.guards.check()
        self.guards.check_inside()
        return result

    def __getattr__(self, name):  # what `address_of` asks for
        return getattr(self.kernel, name)


@contextmanager
def guarded(byte=SMALL):
    """Inside, vectors have guard words, and compiled calls are followed by a check."""
    guards, kernels = Guards(byte), [getattr(*place) for place in CALLED]
    arrays.guard = guards.vector
    program.Program._place = lambda self, shape: guards.place(self, shape)
    program.Program.rooms = lambda self, count: guards.rooms_of(self, count)
    try:
        for place, kernel in zip(CALLED, kernels, strict=True):
            setattr(*place, Checked(kernel, guards))
        forget()
        yield guards
        guards.check()
    finally:
        arrays.guard = None
        program.Program._place, program.Program.rooms = PLACE, ROOMS
        for place, kernel in zip(CALLED, kernels, strict=True):
            setattr(*place, kernel)
        forget()


def forget():
    """The kernels that were found once are looked up anew."""
    for found in FOUND_ONCE:
        found.cache_clear()
