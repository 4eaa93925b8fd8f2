"""Texts as lists of words and of numbers: ``keras.preprocessing.text`` around its `Tokenizer`.

Source: ``keras_preprocessing/text.py`` 1.0.5, which Keras 2.2.4 had, and Keras 1.2.2.
"""

import hashlib

from ..surface.arguments import whole_number
from ..surface.errors import mismatch
from .dialect import spoken

FILTERS = '!"#$%&()*+,-./:;<=>?@[\\]^_`{|}~\t\n'  # all punctuation but the apostrophe


def text_to_word_sequence(text, filters=FILTERS, lower=True, split=" "):
    """The words of a text.

    Parameters
    ----------
    text : str
    filters : str or list of str
        Characters that count as ``split``.
    lower : bool, default=True
        Whether capitals are made small.
    split : str, default=" "
        What stands between two words.
    """
    if not isinstance(text, str):
        raise mismatch("A text is a str.", "'the words of a text'", repr(text)[:60], TypeError)
    text = text.lower() if lower else text
    text = text.translate(str.maketrans(dict.fromkeys(filters, split)))
    return [word for word in text.split(split) if word]


def one_hot(text, n, filters=FILTERS, lower=True, split=" "):
    """A number from 1 to n - 1 for each word, by Python's ``hash``: another one in each process,
    unless PYTHONHASHSEED is set."""
    numbers = (lambda word: abs(hash(word))) if spoken().number < (2,) else hash
    return hashing_trick(text, n, numbers, filters, lower, split)


def hashing_trick(text, n, hash_function=None, filters=FILTERS, lower=True, split=" "):
    """A number from 1 to n - 1 for each word of a text; two words may have the same.

    Parameters
    ----------
    text : str
    n : int
    hash_function : callable or "md5", optional
        Gives a whole number for a word; by default Python's ``hash``.
    filters, lower, split
        As in `text_to_word_sequence`.
    """
    n = whole_number(n, "n", least=2)
    numbers = md5 if hash_function == "md5" else hash_function or hash
    words = text_to_word_sequence(text, filters, lower, split)
    return [numbers(word) % (n - 1) + 1 for word in words]


def md5(word):
    """A number of a word that is the same in every process."""
    return int(hashlib.md5(word.encode(), usedforsecurity=False).hexdigest(), 16)
