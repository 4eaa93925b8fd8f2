"""Random sequences of public calls with odd but possible arguments, in the guard mode.

``python -m tests.fuzzing --sequences 30000 --seed 1``
"""
