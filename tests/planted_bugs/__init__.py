"""Bugs planted in the engine, one at a time, to see which tests find them.

``in_*.py``        the bugs: which piece of which function becomes what, and who must notice
``anchors.py``     how that piece is found
``checks.py``      what a check is; the checks themselves are in ``twins.py`` and ``laws.py``
``exchanging.py``  how an engine that is imported gets the bug
``forked.py``      a process whose children have one bug each, so that all is imported once
``planting.py``    such processes, and what the checks find in them

    python -m tests.planted_bugs

prints the table of what was caught by which check.
"""
