"""Lets two threads share whatever can be shared, however small: so small things meet that code."""

import tinylstm
from tinylstm.layers import layer
from tinylstm.threads import how_many, sharing

APART = {
    (how_many, "WORTH"): 1,
    **{(sharing, name): 1 for name in ("WORTH_A_STEP", "WORTH_A_PASS")},
}
TOGETHER = APART | {(layer, "WIDE"): 1, (sharing, "NEARLY_ALL"): 0}
USUAL = {(module, name): getattr(module, name) for module, name in TOGETHER}


def share_all(together=False):
    """From now on two threads share rows and units; or all rows, of layers that count as wide."""
    set_all(USUAL | (TOGETHER if together else APART))
    tinylstm.set_num_threads(2)


def share_nothing():
    """As it was."""
    set_all(USUAL)


def set_all(values):
    for (module, name), value in values.items():
        setattr(module, name, value)
