"""Ways in which files are damaged, whatever their format: as bytes, and as JSON in them.

Each takes the bytes of a sound file, or a value of JSON, and a random generator.
"""

import copy
import random

ODD = [
    *(-1, 0, 1, 4, 16, 17, 2**31, 2**32, 2**63 - 1, 2**63, 2**64, 10**30, 0.5, 1e308),
    *("", "lstm", "F32", "F16", "I64", "BF16", "two", "[", "[1]", '["lstm", "dense"]', "\x1b"),
    *(None, True, False, [], {}, [[]], [1, 2], ["lstm"], {"a": 1}, "[" * 2000),
]
NUMBERS = (2**64 - 1, 2**63, 2**40, 2**32, 2**31 - 1, 65535, 255, 1, 0)
HUGE = (10**9, 2**31, 2**62, 2**63, 2**64, 10**30, 10**300, -1, -(2**63), 1e300, [10**9], "10**9")
NO_LAYERS = (
    *("Adam", "Sequential", "Layer", "History", "Callback", "Constant", "L2", "Lambda", "lstm"),
    *("os.system", "eval", "exec", "print", "object", "type", "dict", "open", "Path", "Popen"),
    *("__import__", "LSTM.__init__", "tinylstm.LSTM", "../LSTM", "", "\x1b[2J", 5, None, [], {}),
)


def drawn(tries, seed, files, mutations, content_of=bytes):
    """(name, sound file, kind, bytes of a damaged one), so many."""
    for k in range(tries):
        rng = random.Random(f"{seed} {k}")
        one, kind = rng.choice(files), rng.choice([*mutations])
        made = mutations[kind](content_of(one), rng)
        yield f"mutant {k} of seed {seed}, {kind}", one, kind, made


def flipped(content, rng):
    """Some bits turned over."""
    found = bytearray(content)
    for _ in range(rng.choice((1, 1, 1, 2, 8))):
        found[rng.randrange(len(found))] ^= 1 << rng.randrange(8)
    return bytes(found)


def cut(content, rng):
    """A part of it, from the start, or to the end."""
    at = rng.randrange(len(content))
    return rng.choice((content[:at], content[at:]))


def lengthened(content, rng):
    """Something behind it, or in between."""
    at = rng.choice((len(content), rng.randrange(len(content))))
    more = rng.choice((b"\0", b" ", rng.randbytes(rng.randint(1, 100)), content, bytes(4096)))
    return content[:at] + more + content[at:]


def patched(content, rng):
    """A part of it where another part was."""
    count = rng.randint(1, 64)
    here, there = (rng.randrange(max(1, len(content) - count)) for _ in range(2))
    return content[:here] + content[there : there + count] + content[here + count :]


def of_odd_numbers(content, rng):
    """Numbers of one to eight bytes in the place of others, near what is no zero."""
    found = bytearray(content)
    for _ in range(rng.choice((1, 1, 2, 3))):
        places = (rng.randrange(max(1, len(found) - 8)) for _ in range(100))
        at = next((at for at in places if any(found[at : at + 8])), 0)
        count = rng.choice((1, 2, 4, 8))
        number = rng.choice((*NUMBERS, len(content), rng.randrange(len(content))))
        found[at : at + count] = (number % 256**count).to_bytes(count, "little")
    return bytes(found)


def edit(header, rng):
    """Put an odd value somewhere into JSON, or what is at another place; or take something out."""
    places = list(inside(header))
    if not places:
        return
    where, key = rng.choice(places)
    other = rng.choice(places)
    new = copy.deepcopy(rng.choice((rng.choice(ODD), other[0][other[1]])))
    what = rng.random()
    if what < 0.1:
        del where[key]
    elif what < 0.2 and isinstance(where, dict):
        where[rng.choice(("", "a", "lstm/kernel", "__metadata__", "lstm/bias/"))] = new
    elif what < 0.3:
        other[0][other[1]], where[key] = where[key], copy.deepcopy(other[0][other[1]])
    else:
        where[key] = new


def inside(value):
    """Each place in JSON, as what it is in and its name or number there."""
    keys = value if isinstance(value, dict) else range(len(value)) if type(value) is list else ()
    for key in list(keys):
        yield value, key
        yield from inside(value[key])


def leaves(value, path=()):
    """The path of each value in JSON that is no dict."""
    for name, one in value.items() if isinstance(value, dict) else ():
        if not isinstance(one, dict):
            yield (*path, name)
        yield from leaves(one, (*path, name))
    for k, one in enumerate(value) if isinstance(value, list) else ():
        yield from leaves(one, (*path, k))


def edited(value, rng):
    """JSON with odd values, huge numbers, other classes."""
    if rng.random() < 0.5:
        for _ in range(rng.choice((1, 1, 2, 4))):
            edit(value, rng)
        return value
    path = rng.choice(list(leaves(value)))
    place = value
    for name in path[:-1]:
        place = place[name]
    place[path[-1]] = rng.choice(NO_LAYERS if path[-1] == "class_name" else HUGE)
    return value


BYTES = {"flipped": flipped, "cut": cut, "lengthened": lengthened, "patched": patched}
