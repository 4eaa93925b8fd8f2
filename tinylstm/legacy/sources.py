"""The text of a script: where in it a word stands, even where this Python cannot run it."""

import io
import tokenize
from contextlib import suppress


def tokens_of(source):
    """Tokens of a script, as far as this Python can read it."""
    found = []
    with suppress(tokenize.TokenError, SyntaxError):  # what was found before it stays
        found.extend(tokenize.generate_tokens(io.StringIO(source).readline))
    return found


def elsewhere(name, source):
    """Where else a script has a name: ", and so in lines 3 and 7", or ""."""
    found = {t.start[0] for t in tokens_of(source) if (t.type, t.string) == (tokenize.NAME, name)}
    return listed(sorted(found)[1:])


def listed(lines):
    """Numbers of further lines, in words."""
    if not lines:
        return ""
    if len(lines) > 5:
        return f", and so in {len(lines)} more lines"
    *others, last = lines
    if not others:
        return f", and so in line {last}"
    return f", and so in lines {', '.join(map(str, others))} and {last}"
