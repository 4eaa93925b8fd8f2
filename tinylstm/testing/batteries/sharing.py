"""Threads that share even the smallest batch."""

from contextlib import ExitStack, contextmanager
from unittest.mock import patch

from ...layers import layer
from ...threads import how_many, sharing


@contextmanager
def shared_by(count, wide=False):
    """Inside, so many threads share each batch whose rows are apart, however small it is.

    wide: they share the units of a layer, where it can be.
    """
    small = {
        (how_many, "WORTH"): 1,
        (how_many, "_chosen"): count,
        (sharing, "cores"): lambda: count,
    }
    if wide:
        small |= {(layer, "WIDE"): 1, (sharing, "NEARLY_ALL"): 0}
    with ExitStack() as patches:
        for (module, name), value in small.items():
            patches.enter_context(patch.object(module, name, value))
        yield
