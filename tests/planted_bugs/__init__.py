"""Bugs planted in copies of the engine, to see which tests find them.

``in_*.py``        the bugs: which piece of which function becomes what, and who must notice
``anchors.py``     how that piece is found
``checks.py``      what a check is; the checks themselves are in ``twins.py`` and ``laws.py``
``run_checks.py``  all of them on one engine
``forked.py``      a process whose children do that, so that much is imported once
``planting.py``    copies of the engine, each with one bug, under these checks

    python -m tests.planted_bugs

prints the table of what was caught by which check.
"""
