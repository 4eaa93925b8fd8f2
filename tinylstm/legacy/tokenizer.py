"""``Tokenizer``: numbers for the words of texts, the most frequent first.

Source: ``keras_preprocessing/text.py`` 1.0.5, which Keras 2.2.4 had; Keras 2.0 for what was before.
"""

import json
from collections import Counter, OrderedDict, defaultdict

import numpy as np

from ..surface.arguments import known, whole_number
from ..surface.errors import mismatch
from .dialect import spoken
from .texts import FILTERS, text_to_word_sequence

MODES = ("binary", "count", "freq", "tfidf")
TABLES = ("word_counts", "word_docs", "index_docs", "index_word", "word_index")


class Tokenizer:
    """Learns words from texts and turns texts into numbers; 0 is no word.

    Parameters
    ----------
    num_words : int, optional
        Numbers from this one on are left out; ``nb_words`` in Keras 1.
    filters, lower, split
        As in `text_to_word_sequence`.
    char_level : bool, default=False
        Whether each character is a word.
    oov_token : str, optional
        Stands for words that are unknown or left out; its number is 1.
    document_count : int, default=0
        Texts that were seen before.
    """

    def __init__(
        self,
        num_words=None,
        filters=FILTERS,
        lower=True,
        split=" ",
        char_level=False,
        oov_token=None,
        document_count=0,
        *,
        nb_words=None,
    ):
        wanted = nb_words if num_words is None else num_words
        self.num_words = wanted if wanted is None else whole_number(wanted, "num_words", least=0)
        self.filters, self.lower, self.split = filters, lower, split
        self.char_level, self.oov_token = char_level, oov_token
        self.document_count = document_count
        self.word_counts = OrderedDict()  # scripts print these, so the kinds are Keras'
        self.word_docs, self.index_docs = defaultdict(int), defaultdict(int)
        self.word_index, self.index_word = {}, {}

    @property
    def nb_words(self):
        """What Keras 1 called ``num_words``."""
        return self.num_words

    def words(self, text):
        """The words of a text, or of a list of words."""
        if not isinstance(text, list) and not self.char_level:
            return text_to_word_sequence(text, self.filters, self.lower, self.split)
        if not self.lower or spoken().number < (2, 1):
            return text
        return [word.lower() for word in text] if isinstance(text, list) else text.lower()

    def fit_on_texts(self, texts):
        """Count the words of texts, and number them by how frequent they are."""
        for text in texts:
            self.document_count += 1
            words = self.words(text)
            for word in words:
                self.word_counts[word] = self.word_counts.get(word, 0) + 1
            for word in set(words):
                self.word_docs[word] += 1
        frequent = sorted(self.word_counts, key=self.word_counts.get, reverse=True)
        first = [] if self.oov_token is None else [self.oov_token]
        self.word_index = {word: k + 1 for k, word in enumerate(first + frequent)}
        self.index_word = {k: word for word, k in self.word_index.items()}
        for word, count in self.word_docs.items():
            self.index_docs[self.word_index[word]] = count

    def fit_on_sequences(self, sequences):
        """Count in how many sequences each number is; for `sequences_to_matrix`."""
        self.document_count += len(sequences)
        for sequence in sequences:
            for k in set(sequence):
                self.index_docs[k] += 1

    def is_left_out(self, k):
        """Whether a word is unknown, or of a number that is not kept."""
        return k is None or (bool(self.num_words) and k >= self.num_words)

    def texts_to_sequences(self, texts):
        """A list of numbers for each text."""
        return [*self.texts_to_sequences_generator(texts)]

    def texts_to_sequences_generator(self, texts):
        """The same, one after the other."""
        other = self.word_index.get(self.oov_token)
        for text in texts:
            found = (self.word_index.get(word) for word in self.words(text))
            numbers = (other if self.is_left_out(k) else k for k in found)
            yield [k for k in numbers if k is not None]

    def sequences_to_texts(self, sequences):
        """A text for each list of numbers."""
        return [*self.sequences_to_texts_generator(sequences)]

    def sequences_to_texts_generator(self, sequences):
        """The same, one after the other."""
        other = self.oov_token if self.oov_token in self.word_index else None
        for sequence in sequences:
            found = ((k, self.index_word.get(k)) for k in sequence)
            words = (other if word is None or self.is_left_out(k) else word for k, word in found)
            yield " ".join(word for word in words if word is not None)

    def texts_to_matrix(self, texts, mode="binary"):
        """A row for each text; see `sequences_to_matrix`."""
        return self.sequences_to_matrix(self.texts_to_sequences(texts), mode)

    def sequences_to_matrix(self, sequences, mode="binary"):
        """A row for each list of numbers, with a column for each number.

        Parameters
        ----------
        sequences : list of lists of int
        mode : {"binary", "count", "freq", "tfidf"}
            Whether a number is there, how often, its share, or its weight.
        """
        mode = known(MODES, mode, "mode of a matrix")
        if not self.num_words and not self.word_index:
            raise mismatch("The words are not known.", "num_words, or fit_on_texts", "neither")
        if mode == "tfidf" and not self.document_count:
            raise mismatch("mode='tfidf' needs counts.", "fit_on_texts before", "no texts so far")
        matrix = np.zeros((len(sequences), self.num_words or len(self.word_index) + 1))
        for row, sequence in zip(matrix, sequences, strict=True):
            for k, count in Counter(sequence).items():
                if k < len(row):
                    row[k] = self.cell(mode, k, count, len(sequence))
        return matrix

    def cell(self, mode, k, count, length):
        """The entry of a number that is so many times in a sequence of a length."""
        if mode == "tfidf":
            documents = self.document_count / (1 + self.index_docs.get(k, 0))
            return (1 + np.log(count)) * np.log(1 + documents)
        return {"binary": 1, "count": count, "freq": count / length}[mode]

    def get_config(self):
        """The settings, and what was learned as JSON."""
        names = ("num_words", "filters", "lower", "split", "char_level", "oov_token")
        settings = {name: getattr(self, name) for name in (*names, "document_count")}
        return settings | {name: json.dumps(getattr(self, name)) for name in TABLES}

    def to_json(self, **options):
        """`get_config` as JSON; see `tokenizer_from_json`."""
        config = {"class_name": "Tokenizer", "config": self.get_config()}
        return json.dumps(config, **options)


def tokenizer_from_json(text):
    """The `Tokenizer` that ``to_json`` described."""
    config = json.loads(text)["config"]
    learned = {name: json.loads(config.pop(name)) for name in TABLES}
    for name in ("index_docs", "index_word"):  # JSON has no numbers as keys
        learned[name] = {int(k): value for k, value in learned[name].items()}
    made = Tokenizer(**config)
    vars(made).update(learned)
    return made
