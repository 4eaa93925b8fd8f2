"""Bytes of safetensors files that are written by hand: sound ones, and each in one way wrong.

Nothing here shares code with `tinylstm.files`.
"""

import hashlib
import json
import re
import struct

CHECKSUM = re.compile(rb'("tinylstm checksum":")([0-9a-f]{64})"')
DEEP = 100_000
LONG = 10_000_000


def file_of(header, content=b""):
    """Bytes of a file: the header as a table, a text or bytes; the numbers of the tensors."""
    text = header if isinstance(header, str | bytes) else json.dumps(header, separators=(",", ":"))
    text = text.encode() if isinstance(text, str) else text
    return struct.pack("<Q", len(text)) + text + content


def parts(content):
    """The header's bytes, and those of the tensors."""
    end = 8 + struct.unpack("<Q", content[:8])[0]
    return content[8:end], content[end:]


def zeroed(content):
    """A file with zeros for its checksum, where it has one."""
    return CHECKSUM.sub(rb"\g<1>" + 64 * b"0" + b'"', content, count=1)


def has_its_checksum(content):
    """Whether the checksum that a file says is that of its bytes."""
    said = CHECKSUM.search(content)
    return bool(said) and said[2].decode() == hashlib.sha256(zeroed(content)).hexdigest()


def sealed(content):
    """A file with the right checksum in its place, where it has a place for one."""
    digest = hashlib.sha256(zeroed(content)).hexdigest().encode()
    return CHECKSUM.sub(rb"\g<1>" + digest + b'"', content, count=1)


def edited(content, edit):
    """A file whose header was edited as a table, with the right checksum."""
    text, numbers = parts(content)
    header = json.loads(text)
    edit(header)
    return sealed(file_of(header, numbers))


def replaced(content, old, new):
    """A file in whose header a text was replaced, with the right checksum."""
    text, numbers = parts(content)
    assert text.count(old.encode()) == 1, (old, text)
    return sealed(file_of(text.replace(old.encode(), new.encode()), numbers))


def tensor(**said):
    """What is said of one tensor is said otherwise."""
    return lambda content: edited(content, lambda header: header["lstm/bias"].update(said))


def about(**said):
    """What is said of the whole file is said otherwise; a name without a value is taken away."""

    def edit(header):
        header["__metadata__"].update(said)
        for name in [name for name, value in said.items() if value is None]:
            del header["__metadata__"][name]

    return lambda content: edited(content, edit)


def instead(header):
    """Another header, as a table or a text, before the same numbers."""
    return lambda content: file_of(header, parts(content)[1])


def length(count):
    """Another length of the header."""
    return lambda content: struct.pack("<Q", count) + content[8:]


def text(old, new):
    """Another text in the header."""
    return lambda content: replaced(content, old, new)


def moved(*offsets):
    """Tensors at other places: {name: function of its offsets}."""
    names = ("lstm/kernel", "lstm/recurrent_kernel")

    def edit(header):
        for name, (start, stop) in zip(names, offsets, strict=False):
            place = header[name]["data_offsets"]
            place[:] = place[0] + start, place[1] + stop

    return lambda content: edited(content, edit)


def also(name, **said):
    """One more tensor."""
    said = {"dtype": "F32", "shape": [0], "data_offsets": [0, 0]} | said
    return lambda content: edited(content, lambda header: header.update({name: said}))


EMPTY = '{"dtype":"F32","shape":[0],"data_offsets":[0,0]}'
ATTACKS = {
    "a shape below zero": tensor(shape=[-16]),
    "a shape of two below zero": tensor(shape=[-4, -4]),
    "a shape of a fraction": tensor(shape=[16.0]),
    "a shape of a text": tensor(shape=["16"]),
    "a shape of truth": tensor(shape=[16, True]),
    "a shape of nothing": tensor(shape=None),
    "a shape that is a number": tensor(shape=16),
    "a shape that is a table": tensor(shape={"0": 16}),
    "a shape in a shape": tensor(shape=[[16]]),
    "a huge shape": tensor(shape=[2**62]),
    "a shape beyond all": tensor(shape=[10**300]),
    "a shape that overflows to its size": tensor(shape=[2**60 + 1, 16]),
    "a shape that overflows to zero": tensor(shape=[2**32, 2**32]),
    "a huge shape with a zero": tensor(shape=[2**62, 2**62, 0]),
    "a shape of many axes": tensor(shape=[1] * 99 + [16]),
    "another shape of as many": tensor(shape=[4, 4]),
    "offsets below zero": moved((-64, -64)),
    "offsets turned round": tensor(data_offsets=[64, 0]),
    "offsets beyond the end": moved((10**6, 10**6)),
    "huge offsets": moved((2**63, 2**63)),
    "offsets that overflow": moved((2**64, 2**64)),
    "one offset": tensor(data_offsets=[0]),
    "three offsets": tensor(data_offsets=[0, 64, 128]),
    "offsets of fractions": tensor(data_offsets=[0.0, 64.0]),
    "offsets of nothing": tensor(data_offsets=None),
    "two tensors at one place": moved((0, 0), (-128, -128)),
    "tensors that overlap": moved((0, 0), (-4, -4)),
    "a hole between tensors": moved((0, 0), (4, 4)),
    "numbers of no tensor": lambda content: sealed(content + bytes(4)),
    "an unknown dtype": tensor(dtype="Q4"),
    "a dtype that is a number": tensor(dtype=4),
    "a dtype that is a list": tensor(dtype=["F32"]),
    "a dtype of no weights": tensor(dtype="I32"),
    "a dtype that NumPy has not": tensor(dtype="F8_E4M3", shape=[64]),
    "something else said of a tensor": tensor(strides=[1]),
    "a tensor that is nothing": lambda c: edited(c, lambda header: header.update(a=None)),
    "a tensor that is a number": lambda c: edited(c, lambda header: header.update(a=7)),
    "a header that is a list": instead("[1, 2]"),
    "a header that is a number": instead("17"),
    "a header that is nothing": instead(""),
    "a header in spaces": lambda content: file_of(b"  " + parts(content)[0], parts(content)[1]),
    "a header with a mark before it": instead(b"\xef\xbb\xbf{}"),
    "a header of another alphabet": instead('{"\u3072": 1}'.encode("utf-16")),
    "a header of no alphabet": instead(b'{"\xff\xfe": 1}'),
    "a header without an end": lambda content: file_of(parts(content)[0].rstrip()[:-1]),
    "two headers": lambda content: file_of(2 * parts(content)[0], parts(content)[1]),
    "numbers that are none": text('"shape":[16]', '"shape":[NaN]'),
    "a number of many digits": text('"shape":[16]', f'"shape":[{"1" * 5000}]'),
    "a tensor that is said twice": text('{"__metadata__"', f'{{"lstm/bias":{EMPTY},"__metadata__"'),
    "metadata that are said twice": text('{"__metadata__"', '{"__metadata__":{},"__metadata__"'),
    "a shape that is said twice": text('"shape":[16]', '"shape":[16],"shape":[16]'),
    "a kind that is said twice": text('"kind":', '"kind":"other","kind":'),
    "a deep header": instead("[" * DEEP),
    "a deep table": instead('{"a":' * DEEP),
    "a deep tensor": also("a", shape=0),
    "deep layers": about(layers="[" * DEEP + "]" * DEEP),
    "a deep version": about(version='{"a":' * DEEP),
    "an endless name": also("n" * LONG),
    "an endless name of many bytes": instead(f'{{"{"n" * LONG}\U0001f600":{EMPTY}}}'),
    "a name of slashes": also("/" * 1_000_000),
    "half a letter": text('"lstm/bias"', '"lstm/bias\\ud800"'),
    "a name that rings": also("\x1b[2J\x07"),
    "a million names": instead("{" + ",".join(f'"{k}":{{}}' for k in range(10**6)) + "}"),
    "a million tables": instead('{"__metadata__":{"a":[' + "{}," * 10**6 + "{}]}}"),
    "a million quotes": instead('{"__metadata__":{"a":"' + '\\"' * 10**6 + '"}}'),
    "a million quotes without an end": instead('{"__metadata__":{"a":"' + '\\"' * 10**6),
    "lists in escapes": instead(
        '{"__metadata__":{"a":"[' + r"\u005b\u005d\u002c" * 10**6 + '[]]"}}'
    ),
    "a million closing brackets": instead("{" + "]" * 10**6),
    "200,000 texts": instead(
        '{"__metadata__":{' + ",".join(f'"{k}":"{k}"' for k in range(200_000)) + "}}"
    ),
    "many tensors": instead("{" + ",".join(f'"{k}":{EMPTY}' for k in range(50_000)) + "}"),
    "no length": length(0),
    "a length of one": length(1),
    "a length of all that there is": lambda content: length(len(content))(content),
    "a length below zero": length(2**64 - 1),
    "a length that overflows": length(2**64 - 8),
    "a length of 90 million": length(90_000_000),
    "metadata that are a list": lambda c: edited(c, lambda h: h.update(__metadata__=[])),
    "metadata that are nothing": lambda c: edited(c, lambda h: h.update(__metadata__=None)),
    "metadata of numbers": about(version=2),
    "no version": about(version=None),
    "a version that is a word": about(version="two"),
    "a version that is a fraction": about(version="1.5"),
    "a version that is truth": about(version="true"),
    "a version that is no number": about(version="NaN"),
    "a version of many digits": about(version="1" * 5000),
    "a later version": about(version="3"),
    "no layers": about(layers=None),
    "layers that are no JSON": about(layers='["lstm",'),
    "layers that are a word": about(layers="lstm"),
    "layers that are a number": about(layers="7"),
    "layers that are a table": about(layers='{"lstm": 1}'),
    "layers of numbers": about(layers="[1, 2]"),
    "layers that are said twice": about(layers='[{"a": 1, "a": 2}]'),
    "no checksum": about(**{"tinylstm checksum": None}),
    "a checksum of another": about(**{"tinylstm checksum": "a" * 63}),
    "a checksum in capitals": lambda content: CHECKSUM.sub(
        lambda found: found[1] + found[2].upper() + b'"', content
    ),
    "a checksum in other spaces": text('"tinylstm checksum":', '"tinylstm checksum": '),
    "a checksum that is said twice": text('{"kind"', '{"tinylstm checksum":"","kind"'),
    "a bit of a number": lambda content: content[:-1] + bytes([content[-1] ^ 1]),
    "nothing": lambda content: b"",
    "seven bytes": lambda content: content[:7],
    "another format": lambda content: b"\x89HDF\r\n\x1a\n" + bytes(1000),
    "zeros": lambda content: bytes(len(content)),
}
