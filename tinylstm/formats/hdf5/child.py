"""A process of its own that reads an HDF5 file: it comes in as standard input, and goes out as a
safetensors file, whose header says the groups and their attributes.

What reads HDF5 is a library in C, which a damaged file may make loop, reserve the whole memory, or
end with the process. So it runs here, with limits that the system keeps, and opens no other file.
It is started as a script, and imports nothing of tinylstm.

    python -I child.py FOLDERS BYTES SECONDS < file.h5 > file.safetensors

FOLDERS: where h5py and numpy are; BYTES: that what the file holds may have; SECONDS: of the
processor.
"""

import json
import math
import os
import re
import sys

DEEPEST = 32  # groups within each other
ARRAY, TREE = "array {}", "tree"
DTYPES = {  # of numbers, as safetensors calls them
    **{("f", size): f"F{8 * size}" for size in (2, 4, 8)},
    **{("i", size): f"I{8 * size}" for size in (1, 2, 4, 8)},
    **{("u", size): f"U{8 * size}" for size in (1, 2, 4, 8)},
    ("b", 1): "U8",
}
LONGEST_NAME = 1000  # bytes
WORD = 100  # bytes beside its letters that a word, a number of a list, a group takes in Python
HEAPS = re.compile(rb"GCOL(?=.{4}(.{8}))", re.DOTALL)
READY = "ready to read"  # said as standard error, before the file is looked at
COPIES = 3  # of what there may be: as bytes, as a file of HDF5, as arrays


class Refused(Exception):
    """What is wrong with a file: the end of a sentence."""


def main(folders, most, seconds):
    """Import what reading needs, and read standard input."""
    sys.path += folders.split(os.pathsep)
    load_all()
    serve(most, seconds)


def serve(most, seconds):
    """Read standard input within the limits, and write what it holds, or what is wrong with it."""
    print(READY, file=sys.stderr, flush=True)
    limit(most, seconds)
    write(sys.stdout.buffer, *answer(sys.stdin.buffer.read(), most))


def answer(content, most):
    """What the bytes of a file hold, as `read` has it, or {"refused": what is wrong with them}."""
    try:
        return read(content, most)
    except Refused as reason:
        why = str(reason)
    except MemoryError:
        why = "it takes more memory than a file of its size may"
    except Exception as reason:
        said = f"{type(reason).__name__}: {reason}"
        why = f"HDF5 does not read it ({said[:300]})"
    return {"refused": why}, []


def load_all():
    """Have all imported that reading needs, by reading a file of its own."""
    import h5py

    with h5py.File("in memory", "w", driver="core", backing_store=False) as file:
        file.create_group("group").create_dataset("array", data=[1.0])
        file.attrs["word"], file.attrs["words"] = "word", [b"words"]
        file.flush()
        read(file.id.get_file_image(), 10_000)


def limit(most, seconds):
    """Have the system end this process where it takes too much; and let it open no more files."""
    try:
        import resource
    except ImportError:  # Windows
        return
    now = own_memory()  # while there is a file to be asked
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    resource.setrlimit(resource.RLIMIT_NOFILE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (COPIES * most, COPIES * most))
    if now is not None:
        addresses = now + COPIES * most
        resource.setrlimit(resource.RLIMIT_AS, (addresses, addresses))


def own_memory():
    """Bytes of addresses that this process has; None where the system does not say."""
    try:
        with open("/proc/self/statm") as file:
            return int(file.read().split()[0]) * os.sysconf("SC_PAGE_SIZE")
    except OSError:
        return None


def read(content, most):
    """What the bytes of a file hold: (tree, arrays).

    tree: {"attributes": {name: value}, "children": {name: tree or number of an array}}.
    """
    import h5py

    with h5py.File(h5py.h5f.open_file_image(content)) as file:
        reader = Reader(most, longest_word(content))
        return reader.group(file, 0), reader.arrays


def longest_word(content):
    """Bytes that no word of a file has more of, where words have no length of their own.

    They are in heaps, of which each says its length; many may name the same one.
    """
    sizes = (int.from_bytes(found[1], "little") for found in HEAPS.finditer(content))
    return min(max(sizes, default=0), len(content))


class Reader:
    """What has been read of a file: its arrays, how many bytes they have, which objects it was."""

    def __init__(self, most, longest):
        self.arrays, self.room, self.seen, self.longest = [], most, set(), longest

    def group(self, group, depth):
        """The tree of a group."""
        if depth > DEEPEST:
            raise Refused(f"its groups are nested deeper than {DEEPEST} times")
        self.note(group)
        children = {}
        for name in names_in(group):
            children[name] = self.child(group[name], depth + 1)
        return {"attributes": self.attributes(group), "children": children}

    def child(self, thing, depth):
        """The tree of a group, or the number of an array."""
        import h5py

        if isinstance(thing, h5py.Group):
            return self.group(thing, depth)
        if not isinstance(thing, h5py.Dataset):
            raise Refused(f"{shown(thing.name)} is neither a group nor an array")
        self.note(thing)
        if thing.is_virtual or thing.external:
            raise Refused(f"the numbers of {shown(thing.name)} are in another file")
        self.arrays.append(self.numbers(thing))
        return len(self.arrays) - 1

    def note(self, thing):
        """Refuse an object that has two names: there may be rings of groups."""
        import h5py

        at = h5py.h5o.get_info(thing.id).addr
        if at in self.seen:
            raise Refused(f"{shown(thing.name)} has another name before")
        self.seen.add(at)
        self.take(WORD, thing.name)

    def numbers(self, thing):
        """The numbers of an array, whose size is looked at before."""
        import numpy as np

        dtype, shape = thing.dtype, thing.shape
        if shape is None or (dtype.kind, dtype.itemsize) not in DTYPES:
            raise Refused(f"{shown(thing.name)} holds no numbers, but {dtype}")
        self.take(math.prod(shape) * dtype.itemsize, thing.name)
        if thing.chunks is not None:  # one is held as a whole, whatever is asked of it
            self.take(0, thing.name, math.prod(thing.chunks) * dtype.itemsize)
        return np.ascontiguousarray(thing[()], dtype.newbyteorder("<")).reshape(shape)

    def take(self, size, name, beside=0):
        """Take so many bytes of those that there may be."""
        if size + beside > self.room:
            raise Refused(f"{shown(name)} should have {size + beside:,} bytes")
        self.room -= size

    def attributes(self, group):
        """{name: value} of what is said of a group: words, numbers, lists of them."""
        return {name: self.attribute(group, name) for name in group.attrs}

    def attribute(self, group, name):
        """The value of an attribute."""
        import h5py

        said, what = group.attrs.get_id(name), f"{shown(name)} of {shown(group.name)}"
        count = math.prod(said.shape or ())
        self.take(count * (said.dtype.itemsize + WORD), f"{group.name} {name}")
        if said.dtype.kind not in "fiubSO" or h5py.check_ref_dtype(said.dtype):
            raise Refused(f"{what} holds no words or numbers")
        if said.dtype.kind == "O":
            if h5py.check_string_dtype(said.dtype) is None:
                raise Refused(f"{what} holds lists of other lengths")
            self.take(0, f"{group.name} {name}", count * self.longest)
        value = group.attrs[name]
        if isinstance(value, h5py.Empty):
            return None
        try:
            found = plain(value.tolist() if hasattr(value, "tolist") else value)
        except UnicodeError:
            raise Refused(f"{what} is no text") from None
        if said.dtype.kind == "O":
            self.take(sum(map(len, flat(found))), f"{group.name} {name}")
        return found


def names_in(group):
    """The names of what is in a group; links to elsewhere are refused."""
    import h5py

    for raw in group.id:
        if len(raw) > LONGEST_NAME:
            raise Refused(f"it has a name of {len(raw):,} bytes")
        name = raw.decode()
        if group.id.links.get_info(raw).type != h5py.h5l.TYPE_HARD:
            raise Refused(f"{shown(name)} is a link to elsewhere")
        yield name


def flat(value):
    """The words of a list within lists, or one word."""
    return [word for one in value for word in flat(one)] if isinstance(value, list) else [value]


def plain(value):
    """Words and numbers as JSON knows them."""
    if isinstance(value, list):
        return [plain(one) for one in value]
    if isinstance(value, str):
        value = value.encode()  # h5py has half letters for bytes that are none
    return value.decode() if isinstance(value, bytes) else value


def shown(name):
    """A name of a file in a sentence: however long it is, and without controls."""
    return repr(name if len(name) <= 100 else f"{name[:100]}...")


def write(file, tree, arrays):
    """Write a safetensors file."""
    header, at = {"__metadata__": {TREE: json.dumps(tree)}}, 0
    for number, array in enumerate(arrays):
        dtype = DTYPES[array.dtype.kind, array.dtype.itemsize]
        offsets = [at, at := at + array.nbytes]
        one = {"dtype": dtype, "shape": array.shape, "data_offsets": offsets}
        header[ARRAY.format(number)] = one
    text = json.dumps(header).encode()
    file.write(len(text).to_bytes(8, "little"))
    file.write(text)
    for array in arrays:
        file.write(array.reshape(-1).view("u1").data)
    file.flush()


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
