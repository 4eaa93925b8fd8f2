"""Files of each format that were made by hand to do harm: ``ATTACKS[suffix][name]``.

Each is a function of the bytes of a sound file, and a word of the sentence that refuses it; where
there is none the harm would be in believing something that leads nowhere: the file is taken.
"""

import io
import stat
import struct
import warnings
import zipfile

import h5py

from tests.formats.hdf5.hostile import HOSTILE
from tinylstm.formats import hdf5
from tinylstm.formats.onnx.messages import MODEL
from tinylstm.formats.onnx.wire import Reader, written

GIGABYTE = 10**9
EVIL = "../../evil", "/etc/evil", "C:\\evil", "a/../../../evil", "\x1b[2J"
KERAS_WEIGHTS, KERAS_CONFIG, OLD_CONFIG = "model.weights.h5", "config.json", "model_config"
INSIDE_HDF5 = [
    *("a_soft_link", "a_link_to_another_file", "a_ring_of_groups", "a_virtual_array"),
    *("an_array_with_its_numbers_elsewhere", "a_huge_array_of_nothing", "a_bomb_of_zeros"),
    *("a_chunk_larger_than_its_array", "deep_groups", "references"),
]


def members_of(content):
    """[(ZipInfo, bytes)] of an archive."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return [(one, archive.read(one)) for one in archive.infolist()]


def archive_of(members, packed=zipfile.ZIP_STORED):
    """The bytes of an archive of [(name or ZipInfo, bytes)]."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", packed) as archive, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of two members of one name
        for one, inside in members:
            archive.writestr(getattr(one, "filename", one), inside, packed)
    return made.getvalue()


def a_bomb(content):
    """A megabyte that becomes a gigabyte."""
    (first, inside), *others = members_of(content)
    return archive_of([(first, inside + bytes(GIGABYTE)), *others], zipfile.ZIP_DEFLATED)


def a_bomb_that_says_it_is_small(content):
    """A member that becomes more than both of its headers say."""
    (first, inside), *others = members_of(content)
    long = inside + bytes(10**8)
    made = archive_of([(first, long), *others], zipfile.ZIP_DEFLATED)
    return made.replace(struct.pack("<L", len(long)), struct.pack("<L", len(inside)))


def one_place_for_many_members(content):
    """A list of members that all lie at the same place."""
    (first, _), *_ = members_of(content)
    names = [f"{first.filename[:-4]}{k:04}" for k in range(1000)]
    made = archive_of([(name, bytes(10**5)) for name in names], zipfile.ZIP_DEFLATED)
    at, found = made.index(b"PK\1\2"), bytearray(made)
    while at >= 0:
        found[at + 42 : at + 46] = bytes(4)  # where its bytes are said to begin
        at = made.find(b"PK\1\2", at + 1)
    return bytes(found)


def two_of_one_name(content):
    members = members_of(content)
    return archive_of([*members, (members[0][0].filename, b"{}")])


def names_that_lead_out(content):
    return archive_of([*members_of(content), *((name, b"evil") for name in EVIL)])


def links_in_the_place_of_members(content):
    """Each member a symbolic link, as an archive of Unix has them."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        for one, _ in members_of(content):
            link = zipfile.ZipInfo(one.filename)
            link.create_system, link.external_attr = 3, (stat.S_IFLNK | 0o777) << 16
            archive.writestr(link, "/etc/passwd")
    return made.getvalue()


def a_wrong_sum(content):
    """A bit that flipped in the last number of the largest member."""
    largest = max((inside for _, inside in members_of(content)), key=len)
    at = content.index(largest) + len(largest) - 1
    return content[:at] + bytes([content[at] ^ 1]) + content[at + 1 :]


def an_odd_way_to_pack(content):
    return archive_of(members_of(content), zipfile.ZIP_LZMA)


def a_member_that_is_locked(content):
    """The flag of a password in each header."""
    found = bytearray(content)
    for sign, flags in ((b"PK\3\4", 6), (b"PK\1\2", 8)):
        at = content.find(sign)
        while at >= 0:
            found[at + flags] |= 1
            at = content.find(sign, at + 1)
    return bytes(found)


IN_ARCHIVES = {
    a_bomb: "its members would have",
    a_bomb_that_says_it_is_small: "",
    one_place_for_many_members: "",
    two_of_one_name: "two members of one name",
    names_that_lead_out: None,
    links_in_the_place_of_members: "",
    a_wrong_sum: "",
    an_odd_way_to_pack: "packed in a way",
    a_member_that_is_locked: "",
}


def deep(text):
    return text.replace("{", '{"config":' + "[" * 5000 + "]" * 5000 + ",", 1)


def a_key_twice(text):
    """Who reads the first one, and who the last?"""
    return text.replace("{", '{"class_name": "Lambda",', 1)


def a_key_twice_inside(text):
    return text.replace('"units":', '"units": 5, "units":', 1)


def a_long_number(text):
    return text.replace("{", '{"a": ' + "9" * 5000 + ",", 1)


def a_list_of_a_million(text):
    return text.replace("{", '{"a": [' + "[]," * 10**6 + "[]],", 1)


def no_number(text):
    return text.replace('"units": 4', '"units": NaN')


IN_JSON = {
    deep: "nested deeper",
    a_key_twice: "twice",
    a_key_twice_inside: "'units' twice",
    a_long_number: "5,000 digits",
    a_list_of_a_million: "would take",
    no_number: "units",
}


def in_config(change):
    """A change of the text of JSON in an archive of Keras."""

    def changed(content):
        members = {one.filename: inside for one, inside in members_of(content)}
        members[KERAS_CONFIG] = change(members[KERAS_CONFIG].decode()).encode()
        return archive_of(members.items())

    return changed


def in_attribute(change):
    """A change of the text of JSON in an HDF5 file."""

    def changed(content):
        tree = hdf5.read(content, "a sound file")
        text = change(tree.attributes.pop(OLD_CONFIG))
        made = io.BytesIO(hdf5.content_of(tree))
        with h5py.File(made, "a", track_order=True) as file:
            file.attrs.create(OLD_CONFIG, text, dtype=h5py.string_dtype())  # of any length
        return made.getvalue()

    return changed


def beside(fill):
    """What does harm in an HDF5 file beside what is sound in it."""

    def changed(content):
        made = io.BytesIO(content)
        with h5py.File(made, "a") as file:
            fill(file.create_group("evil") if fill.__name__ != "a_ring_of_groups" else file)
        return made.getvalue()

    return changed


def in_weights(change):
    """A change of the HDF5 file in an archive of Keras."""

    def changed(content):
        members = {one.filename: inside for one, inside in members_of(content)}
        members[KERAS_WEIGHTS] = change(members[KERAS_WEIGHTS])
        return archive_of(members.items())

    return changed


def in_graph(change):
    """A change of an ONNX message."""

    def changed(content):
        message = Reader(content).read(MODEL)
        change(message["graph"])
        return written(MODEL, message)

    return changed


def numbers_elsewhere(graph):
    for one in graph["initializer"]:
        one.pop("raw_data", None)
        entry = {"key": "location", "value": "../../../../etc/passwd"}
        one |= {"external_data": [entry], "data_location": 1}


def a_tensor_twice(graph):
    graph["initializer"].append(graph["initializer"][0])


def a_tensor_of_nothing(graph):
    graph["initializer"][0] |= {"dims": [2**40, 2**20], "raw_data": b""}


def an_operator_of_python(graph):
    graph["node"][0] |= {"op_type": "PyOp", "domain": "ai.onnx.contrib"}


def a_node_that_reads_itself(graph):
    graph["node"][0]["input"] = [*graph["node"][0]["output"]]


def deep_graphs(content):
    """Graphs in attributes of nodes of graphs."""
    inner = b""
    for _ in range(2000):
        inner = field(5, field(1, field(5, field(6, inner))))
    return content + field(7, inner)


def field(number, content):
    """A field of protobuf that has a length."""
    length, count = b"", len(content)
    while count > 127:
        length, count = length + bytes([count & 127 | 128]), count >> 7
    return bytes([number << 3 | 2]) + length + bytes([count]) + content


def an_attribute_twice(graph):
    (node,) = (one for one in graph["node"] if one["op_type"] == "LSTM")
    node["attribute"] = [*node["attribute"], {"name": "hidden_size", "i": 5, "type": 2}]


def an_input_twice(graph):
    graph["input"] = [*graph["input"], *graph["input"]]


IN_GRAPHS = {
    numbers_elsewhere: "another file",
    a_tensor_twice: "twice",
    an_attribute_twice: "'hidden_size' twice",
    an_input_twice: "twice",
    a_tensor_of_nothing: "but the shape",
    an_operator_of_python: "PyOp",
    a_node_that_reads_itself: "",
}


def named(attacks, around=lambda attack: attack, prefix=""):
    """{name: (function of sound bytes, word)}."""
    return {
        f"{prefix}{attack.__name__}": (around(attack), word) for attack, word in attacks.items()
    }


HDF5 = {fill: word for name, (fill, word) in HOSTILE.items() if name in INSIDE_HDF5}
OF_HDF5 = named(HDF5, beside)
ATTACKS = {
    ".keras": named(IN_ARCHIVES)
    | named(IN_JSON, in_config)
    | named(HDF5, lambda fill: in_weights(beside(fill)), "weights of "),
    ".h5": OF_HDF5 | named(IN_JSON, in_attribute),
    ".weights.h5": OF_HDF5,
    ".npz": named(IN_ARCHIVES | {names_that_lead_out: "is no array"}),
    ".pt": named(IN_ARCHIVES | {names_that_lead_out: ""}),
    ".onnx": named(IN_GRAPHS, in_graph) | {"deep_graphs": (deep_graphs, "twice")},
}
