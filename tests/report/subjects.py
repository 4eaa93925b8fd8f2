"""What `tinylstm.report` gathers of its arguments, before the parts of a page are made of it."""

import os
from contextlib import suppress
from unittest.mock import patch

import tinylstm
from tinylstm.report import contents


class Gathered(Exception):
    """All that is wanted is there."""


def subject_of(model, x, y=None, **options):
    """The `Subject` of a call of `tinylstm.report`, which writes nothing."""
    with patch.object(contents, "contents", side_effect=Gathered) as asked, suppress(Gathered):
        tinylstm.report(model, x, y, os.devnull, **options)
    return asked.call_args.args[0]
