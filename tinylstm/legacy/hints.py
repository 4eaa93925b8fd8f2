"""Sentences below the errors of a script: the way out, where the error alone does not say it."""

import re

HINTS = (  # what the error says, what to write
    (
        r"^setting an array element with a sequence",
        "Before NumPy 1.24 lists of different lengths made an array of lists: pad_sequences gives "
        "them one length, and np.array(lists, dtype=object) leaves them as they are.",
    ),
    (
        r"fillna\(\) got an unexpected keyword argument 'method'",
        "pandas 3 wants .ffill() in the place of .fillna(method='ffill'), .bfill() of 'bfill'.",
    ),
    (
        r"\.(\w+)\(\) takes (?:from )?1 .*positional arguments? but",
        r"pandas 3 wants the arguments of \1 by their names: \1(axis=1).",
    ),
    (
        r"assignment destination is read-only",
        "What pandas 3 gives as .values is to be read alone: write .values.copy() for an array.",
    ),
    (
        r"^Invalid value '.*' for dtype '\w+'",
        "pandas 3 keeps the dtype of a column that is written to by place: frame[name] = values "
        "gives a column another one.",
    ),
    (
        r"'cmp' is an invalid keyword argument",
        "Python 3 wants key=functools.cmp_to_key(function) in the place of cmp=function.",
    ),
    (r"invalid mode: '(r?b?)U", r"Python 3 wants open(name) in the place of open(name, '\1U')."),
)


def hint_on(reason):
    """The sentence that belongs to an exception, or ""."""
    text = str(reason)
    for pattern, sentence in HINTS:
        if found := re.search(pattern, text):
            return found.expand(sentence)
    return ""
