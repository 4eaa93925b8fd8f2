"""HDF5 files that were made to do harm, each with a word of the sentence that refuses it."""

import h5py
import numpy as np

HUGE = 2**40
HOSTILE = {}  # {name: (function of an open file, word)}


def harm(word):
    """Note a function that fills a file, and a word of what is said of it."""

    def note(fill):
        HOSTILE[fill.__name__] = fill, word
        return fill

    return note


@harm("link to elsewhere")
def a_soft_link(file):
    file["a"] = h5py.SoftLink("/b")


@harm("link to elsewhere")
def a_link_to_another_file(file):
    file["a"] = h5py.ExternalLink("/etc/passwd", "/")


@harm("has another name before")
def a_ring_of_groups(file):
    file.create_group("a")["b"] = file["/"]


@harm("has another name before")
def an_array_of_two_names(file):
    file["a"] = np.arange(3)
    file["b"] = file["a"]


@harm("has another name before")
def doubling_groups(file):
    """2^60 paths to one array."""
    group = file.create_group("0")
    group["array"] = np.arange(3.0)
    for k in range(60):
        outer = file.create_group(f"{k + 1}")
        outer["a"] = outer["b"] = group
        group = outer


@harm("in another file")
def a_virtual_array(file):
    layout = h5py.VirtualLayout((4,), "f4")
    layout[:] = h5py.VirtualSource("/etc/passwd", "a", (4,))
    file.create_virtual_dataset("a", layout)


@harm("in another file")
def an_array_with_its_numbers_elsewhere(file):
    file.create_dataset("a", (16,), "u1", external=[("/etc/passwd", 0, 16)])


@harm("should have")
def a_huge_array_of_nothing(file):
    file.create_dataset("a", (HUGE,), "f4", chunks=(1024,))


@harm("should have")
def many_arrays_that_are_huge_together(file):
    for k in range(100):
        file.create_dataset(f"{k}", (2**20,), "f4", chunks=(1024,))


@harm("should have")
def a_bomb_of_zeros(file):
    file.create_dataset("a", data=np.zeros(2**25, "f4"), compression="gzip", chunks=(2**20,))


@harm("should have")
def a_chunk_larger_than_its_array(file):
    file.create_dataset("a", (2,), "f4", chunks=(2**29,), maxshape=(None,))


@harm("holds no numbers")
def references(file):
    file.create_dataset("a", data=[file.ref], dtype=h5py.ref_dtype)


@harm("holds no numbers")
def lists_of_other_lengths(file):
    file.create_dataset("a", (1,), h5py.vlen_dtype("f4"))


@harm("holds no numbers")
def words_in_the_place_of_numbers(file):
    file["a"] = ["word"]


@harm("holds no numbers")
def complex_numbers(file):
    file["a"] = np.ones(3, "c8")


@harm("holds no numbers")
def an_array_of_nothing(file):
    file["a"] = h5py.Empty("f4")


@harm("neither a group nor an array")
def a_type_with_a_name(file):
    file["a"] = np.dtype("f4")


@harm("holds no words")
def a_reference_in_an_attribute(file):
    file.attrs.create("a", file.ref, dtype=h5py.ref_dtype)


@harm("of other lengths")
def lists_in_an_attribute(file):
    lists = np.empty(2, object)
    lists[:] = np.zeros(2, "f4"), np.zeros(3, "f4")
    file.attrs.create("a", lists, dtype=h5py.vlen_dtype("f4"))


@harm("should have")
def words_that_may_all_be_one_long_one(file):
    """Each of these words has a place of its own in the file; it need not."""
    file.attrs["long"] = "a" * 2**20
    file.attrs["words"] = ["word"] * 3500


@harm("should have")
def many_short_words(file):
    """Each takes some tens of bytes more in Python."""
    for k in range(20):
        file.attrs[f"{k}"] = np.full(30_000, b"ab")
        file.create_group(f"{k}").attrs["a"] = np.full(30_000, b"ab")


@harm("deeper than")
def deep_groups(file):
    for _ in range(40):
        file = file.create_group("a")


@harm("a name of")
def a_long_name(file):
    file.create_group("a" * 5000)


@harm("HDF5 does not read it")
def a_name_that_is_no_text(file):
    file.create_group(b"\xff\xfe")


@harm("is no text")
def words_that_are_no_text(file):
    file.attrs.create("a", b"\xff\xfe", dtype=h5py.string_dtype("utf-8"))


@harm("is no text")
def letters_that_are_no_text(file):
    file.attrs["a"] = np.array([b"\xff\xfe", b"word"])


@harm("HDF5 does not read it")
def numbers_that_were_not_packed(file):
    plist = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
    plist.set_chunk((4,))
    plist.set_filter(h5py.h5z.FILTER_DEFLATE, 0, (1,))
    space = h5py.h5s.create_simple((4,))
    made = h5py.h5d.create(file.id, b"a", h5py.h5t.IEEE_F32LE, space, plist)
    made.write_direct_chunk((0,), b"not what was packed")


@harm("HDF5 does not read it")
def numbers_that_a_plugin_would_unpack(file):
    """No code is looked for, in the folder of plugins or elsewhere."""
    plist = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
    plist.set_chunk((4,))
    plist.set_filter(32015, h5py.h5z.FLAG_OPTIONAL, (1,))
    made = h5py.h5d.create(file.id, b"a", h5py.h5t.IEEE_F32LE, h5py.h5s.create_simple((4,)), plist)
    made.write_direct_chunk((0,), bytes(16))


def content(fill):
    """The bytes of a file that a function fills."""
    with h5py.File("in memory", "w", driver="core", backing_store=False) as file:
        fill(file)
        file.flush()
        return file.id.get_file_image()
