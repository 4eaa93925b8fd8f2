"""``keras.preprocessing.text``: words and their numbers are those of keras_preprocessing."""

import json

import pytest
from keras.src.legacy.preprocessing import text as keras_text

from tests.old_scripts import run_text
from tinylstm.legacy import texts
from tinylstm.legacy.dialect import Dialect, speak
from tinylstm.legacy.tokenizer import MODES, Tokenizer, tokenizer_from_json

DOCUMENTS = [
    "Well done!",
    "Good work",
    "The quick brown fox; the lazy dog's tail.",
    "nice work -- the work\tof a fox\n",
    ["The", "fox", "Nice"],
    "",
]
PROBES = ["the good fox is well", "zzz?", ["work", "dog", "Fox"], ""]
SETTINGS = [
    {},
    {"num_words": 5},
    {"oov_token": "<UNK>"},
    {"num_words": 4, "oov_token": "oov"},
    {"char_level": True},
    {"char_level": True, "lower": False},
    {"lower": False, "filters": ".;"},
    {"split": "--", "filters": "!"},
]
# Of a tutorial on words as numbers; what it printed with Keras 2.2.4.
TUTORIAL = """
from keras.preprocessing.text import Tokenizer, base_filter, one_hot, text_to_word_sequence
docs = ['Well done!', 'Good work', 'Great effort', 'nice work', 'Excellent!']
t = Tokenizer(filters=base_filter())
t.fit_on_texts(docs)
print([*t.word_counts.items()])
print(t.document_count)
print(t.word_index)
print(sorted(t.word_docs.items()))
print(t.texts_to_matrix(docs, mode='count')[1])
print(t.texts_to_sequences(['great work', 'unknown well']))
print(text_to_word_sequence('The quick brown fox jumped over the lazy dog.'))
hashed = one_hot('The quick fox, the lazy dog', 50)
print(len(hashed), hashed[0] == hashed[3], 0 < min(hashed), max(hashed) < 50)
"""
PRINTED = """[('well', 1), ('done', 1), ('good', 1), ('work', 2), ('great', 1), ('effort', 1), \
('nice', 1), ('excellent', 1)]
5
{'work': 1, 'well': 2, 'done': 3, 'good': 4, 'great': 5, 'effort': 6, 'nice': 7, 'excellent': 8}
[('done', 1), ('effort', 1), ('excellent', 1), ('good', 1), ('great', 1), ('nice', 1), \
('well', 1), ('work', 2)]
[0. 1. 0. 0. 1. 0. 0. 0. 0.]
[[5, 1], [2]]
['the', 'quick', 'brown', 'fox', 'jumped', 'over', 'the', 'lazy', 'dog']
6 True True True
"""


def test_a_tutorial_prints_what_it_printed(tmp_path):
    assert run_text(tmp_path, TUTORIAL) == (0, PRINTED, "")


@pytest.mark.parametrize("settings", SETTINGS, ids=str)
def test_a_tokenizer_is_that_of_keras(settings):
    ours, theirs = Tokenizer(**settings), keras_text.Tokenizer(**settings)
    for one in (ours, theirs):
        one.fit_on_texts(DOCUMENTS)
        one.fit_on_texts(iter(DOCUMENTS[:2]))  # what was learned stays
        one.fit_on_sequences([[1, 2], [3, 1, 1]])
    assert [*ours.word_index.items()] == [*theirs.word_index.items()]
    for name in ("word_counts", "word_docs", "index_docs", "index_word", "document_count"):
        assert getattr(ours, name) == getattr(theirs, name), name
    sequences = theirs.texts_to_sequences(PROBES)
    assert ours.texts_to_sequences(PROBES) == sequences
    sequences.append([1, 99, 2, 3])
    assert ours.sequences_to_texts(sequences) == theirs.sequences_to_texts(sequences)
    for mode in MODES:
        expected = theirs.sequences_to_matrix(sequences, mode)
        assert (ours.sequences_to_matrix(sequences, mode) == expected).all(), mode
        assert (ours.texts_to_matrix(PROBES, mode) == theirs.texts_to_matrix(PROBES, mode)).all()
    assert json.loads(ours.to_json()) == json.loads(theirs.to_json())
    again = tokenizer_from_json(theirs.to_json(indent=1))
    assert again.get_config() == ours.get_config()


@pytest.mark.parametrize("split", [" ", "--"])
@pytest.mark.parametrize("lower", [True, False])
def test_words_and_hashed_words_are_those_of_keras(split, lower):
    probe, given = "The Fox; the fox--and\nthe dog's", {"lower": lower, "split": split}
    assert texts.text_to_word_sequence(probe, **given) == keras_text.text_to_word_sequence(
        probe, **given
    )
    assert texts.one_hot(probe, 20, **given) == keras_text.one_hot(probe, 20, **given)
    for numbers in ("md5", len):
        expected = keras_text.hashing_trick(probe, 20, numbers, **given)
        assert texts.hashing_trick(probe, 20, numbers, **given) == expected


def test_keras_1_called_it_nb_words_and_kept_capitals_of_letters():
    before = speak(Dialect("1.2.2"))
    try:
        letters = Tokenizer(char_level=True)
        letters.fit_on_texts(["aA"])
        words = Tokenizer(nb_words=2)
        words.fit_on_texts(["a b b"])
    finally:
        speak(before)
    assert letters.word_index == {"a": 1, "A": 2}
    assert (words.texts_to_sequences(["a b"]), words.nb_words) == ([[1]], 2)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("Tokenizer().sequences_to_matrix([[1]])", "The words are not known."),
        ("Tokenizer(9).sequences_to_matrix([[1]], 'tfidf')", "mode='tfidf' needs counts."),
        ("Tokenizer(9).sequences_to_matrix([[1]], 'cuont')", "Did you mean 'count'?"),
        ("Tokenizer('9')", "num_words must be a whole number."),
        ("Tokenizer().fit_on_texts([float('nan')])", "A text is a str."),
        ("one_hot('a b', 1)", "n must be a whole number."),
    ],
)
def test_what_does_not_fit_is_refused_with_a_sentence(tmp_path, line, said):
    ran = run_text(tmp_path, f"from keras.preprocessing.text import *\n{line}\n")
    assert ran.status == 1
    assert said in ran.err
