"""Scripts written for Keras 1 and 2, answered by this package: all their old spellings.

The engine knows nothing of them: here they are translated, or refused with a sentence.
"""
