"""JSON that somebody else wrote: read where it is neither deep nor large, and says nothing twice.

What it will take is reckoned from its letters before anything is made of it.
"""

import json
import re
from contextlib import suppress

from .refusals import Damaged, named

DEPTH = 100  # of brackets in brackets
DIGITS = 400  # of a whole number
BESIDE = 48 * 2**20  # bytes that it may take beside those of its file
COSTS = {",": 60, ":": 220, "[": 90, "{": 90, "\\": 220}  # bytes at most that come with each
STRINGS = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*\\?(?:"|\Z)', re.DOTALL)


def parse(text, size):
    """What a text says; size: that of its file, in bytes.

    Raises
    ------
    Damaged
        If it is too deep or too large, or has a key or a number that no file of ours has.
    json.JSONDecodeError
        If it is no JSON.
    """
    if len(text) > DEPTH:  # what is shorter is neither deep nor large
        need_small(text, size)
    return DECODER.decode(text)


def need_small(text, size):
    """Refuse a text that is nested too deeply, or whose values are too large for its file."""
    if cost(text) > size + BESIDE:
        raise Damaged(f"what it says of itself would take some {cost(text):,} bytes")
    if depth(text) > DEPTH:
        raise Damaged(f"what it says of itself is nested deeper than {DEPTH} times")


def cost(text):
    """How many bytes the values of a text take at most, with those that it takes to make them."""
    letters = len(text) if text.isascii() else 4 * len(text)
    return 2 * letters + sum(bytes_each * text.count(mark) for mark, bytes_each in COSTS.items())


def depth(text):
    """How many brackets are open at most in a text, those in its strings left out."""
    deepest = deep = 0
    for letter in STRINGS.sub("", text):
        if letter in "[{":
            deep += 1
            deepest = max(deep, deepest)
        elif letter in "]}":
            deep -= 1
    return deepest


def table(pairs):
    """A table of JSON, in which each key is once."""
    found = dict(pairs)
    if len(found) < len(pairs):
        seen = set()
        twice = next(key for key, _ in pairs if key in seen or seen.add(key))
        raise Damaged(f"it says {named(twice)} twice")
    return found


def whole(digits):
    """A whole number of JSON."""
    if len(digits) > DIGITS:
        raise Damaged(f"it has a number of {len(digits):,} digits")
    return int(digits)


DECODER = json.JSONDecoder(object_pairs_hook=table, parse_int=whole)


def text_of(value):
    """A value as a text: itself, where it is one that is no JSON."""
    if isinstance(value, str) and is_text(value):
        with suppress(Damaged):
            if value_of(value, 0) is value:
                return value
    return json.dumps(value)


def value_of(text, size):
    """What a text of a file of that size stands for: the value, where it is JSON."""
    try:
        return parse(text, size)
    except json.JSONDecodeError:
        return text


def is_text(name):
    """Whether a text of JSON can be written: JSON knows halves of letters."""
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True
