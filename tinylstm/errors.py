"""How a refused input is reported, and how names are looked up."""

import difflib


def mismatch(sentence, expected, received, kind=ValueError):
    """An exception of one sentence, then what was expected and what came."""
    return kind(f"{sentence}\nExpected: {expected}\nReceived: {received}")


def find(table, name, what):
    """The entry of a table under a name.

    Raises
    ------
    ValueError
        If there is none; names the nearest known one.
    """
    if isinstance(name, str) and name in table:
        return table[name]
    known = ", ".join(sorted(table))
    near = difflib.get_close_matches(str(name), table, n=1, cutoff=0.4)
    hint = f" Did you mean {near[0]!r}?" if near else ""
    raise mismatch(f"Unknown {what}: {name!r}.{hint}", f"one of {known}", repr(name))
