"""Messages as bytes: the wire format of protobuf, as far as ONNX needs it.

A message is a row of fields, each a number that says which field it is and how it is written, and
then its value. A dict stands for one here, by the names that a table of `messages` gives:

    TEXT_ENTRY = {1: Field("key", TEXT), 2: Field("value", TEXT)}
    written(TEXT_ENTRY, {"key": "a", "value": "b"})        b"\\n\\x01a\\x12\\x01b"
    Reader(content).read(TEXT_ENTRY)                       {"key": "a", "value": "b"}

What a file says is not believed: lengths end where the file does, messages are nested as the tables
are, and there are `MOST` values at most beside those that stay bytes. Arrays and bytes are views of
the file. A field that no table has is passed over, as protobuf wants it.

That is why no library of protobuf reads files here: it makes objects of all there is before
anything can be looked at, and copies of all numbers; and nobody needs to install one for the five
kinds of value that ONNX has.

Source: protobuf.dev, "Encoding".
"""

import struct
from typing import Any, NamedTuple

import numpy as np

from ...files.refusals import Damaged

INT, FLOAT, DOUBLE, TEXT, BYTES = "int", "float", "double", "text", "bytes"
VARINT, EIGHT, LENGTH, FOUR = 0, 1, 2, 5  # how a value is written
WRITTEN_AS = {INT: VARINT, FLOAT: FOUR, DOUBLE: EIGHT, TEXT: LENGTH, BYTES: LENGTH}
FIXED = {FOUR: 4, EIGHT: 8}
NUMPY = {FLOAT: np.dtype("<f4"), DOUBLE: np.dtype("<f8")}
PACK = {FLOAT: "<f", DOUBLE: "<d"}
MOST = 200_000  # fields and whole numbers in a file; a graph of torch for a layer has some 300
WORD = 2**64


class Field(NamedTuple):
    """What a field is called, what it is (a word, or the table of a message), and whether there
    may be several."""

    name: str
    kind: Any
    many: bool = False


class Reader:
    """The messages in some bytes.

    Parameters
    ----------
    content : bytes-like
    """

    def __init__(self, content):
        self.content, self.left = memoryview(content), MOST

    def read(self, table, start=0, end=None):
        """The message between two places, {name: value}; lists where there may be several."""
        found, at, end = {}, start, len(self.content) if end is None else end
        while at < end:
            tag, at = self._varint(at, end)
            field, written_as = table.get(tag >> 3), tag & 7
            value, at = self._value(written_as, at, end)
            if field is None:
                continue
            if not field.many:
                if field.name in found:  # protobuf would merge both, or take the last one
                    raise Damaged(f"it says its {field.name} twice")
                found[field.name] = self._one(field.kind, written_as, value)
                continue
            values = found.setdefault(field.name, [])
            if written_as == LENGTH != written_as_of(field.kind):
                values.extend(self._packed(field.kind, *value))
            else:
                values.append(self._one(field.kind, written_as, value))
        return found

    def _varint(self, at, end):
        """A whole number of 0 or more, seven bits a byte; and where it ends."""
        self.left -= 1
        if self.left < 0:
            raise Damaged(f"it has more than {MOST:,} fields")
        value = shift = 0
        while at < end and shift < 64:
            byte = self.content[at]
            value |= (byte & 127) << shift
            at, shift = at + 1, shift + 7
            if byte < 128:
                return value % WORD, at
        raise Damaged("a number in it has no end")

    def _value(self, written_as, at, end):
        """A number, or the places between which a value stands; and where it ends."""
        if written_as == VARINT:
            return self._varint(at, end)
        size, at = self._varint(at, end) if written_as == LENGTH else (FIXED.get(written_as), at)
        if size is None or size > end - at:
            raise Damaged("a field in it is cut off")
        return (at, at + size), at + size

    def _one(self, kind, written_as, value):
        """A value as what a table says that it is."""
        if written_as != written_as_of(kind):
            raise Damaged("a field in it is of another kind than ONNX has it")
        if kind == INT:
            return value - WORD if value >= WORD // 2 else value
        if not isinstance(kind, str):
            return self.read(kind, *value)
        part = self.content[slice(*value)]
        if kind == TEXT:
            return text_of(part)
        return part if kind == BYTES else struct.unpack(PACK[kind], part)[0]

    def _packed(self, kind, at, end):
        """Numbers one behind the other; floats as an array of them in a list."""
        if kind != INT:
            dtype = NUMPY[kind]
            if (end - at) % dtype.itemsize:
                raise Damaged("numbers in it are cut off")
            return [np.frombuffer(self.content[at:end], dtype)]
        numbers = []
        while at < end:
            number, at = self._varint(at, end)
            numbers.append(self._one(INT, VARINT, number))
        return numbers


def written_as_of(kind):
    """How a value is written: a message, as words are, with its length in front."""
    return WRITTEN_AS[kind] if isinstance(kind, str) else LENGTH


def text_of(part):
    """Bytes as letters."""
    try:
        return str(part, "utf-8")
    except UnicodeDecodeError:
        raise Damaged("a word in it is none of UTF-8") from None


def written(table, message):
    """The bytes of a message."""
    return b"".join(pieces_of(table, message))


def pieces_of(table, message):
    """The same in pieces, none of which is a copy of bytes that the message has."""
    numbers = {field.name: (number, field) for number, field in table.items()}
    found = []
    for name, value in message.items():
        number, field = numbers[name]
        for one in value if field.many else [value]:
            found += put(number, field.kind, one)
    return found


def put(number, kind, value):
    """The pieces of a field."""
    written_as = written_as_of(kind)
    tag = varint(number << 3 | written_as)
    if kind == INT:
        return [tag + varint(value % WORD)]
    if written_as in FIXED:
        return [tag + struct.pack(PACK[kind], value)]
    if isinstance(kind, dict):
        pieces = pieces_of(kind, value)
        return [tag + varint(sum(map(len, pieces))), *pieces]
    value = value.encode() if kind == TEXT else value
    return [tag + varint(len(value)), value]


def varint(value):
    """A whole number of 0 or more, seven bits a byte, the last ones first."""
    found = bytearray()
    while value > 127:
        found.append(value & 127 | 128)
        value >>= 7
    return bytes(found) + bytes([value])
