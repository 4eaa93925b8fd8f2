"""The letters as numbers, what a model answers as letters, and how the letter demos print it."""

import string

import numpy as np

LETTERS = string.ascii_uppercase
PAIRS_A_LINE = 6


def scaled(text):
    """Letters as a model reads them: their numbers, A = 0, by 26; shape (letters,)."""
    return np.array([LETTERS.index(letter) for letter in text]) / len(LETTERS)


def spelled(y):
    """The likeliest letter of each row of probabilities, or the one of a one-hot row."""
    return "".join(LETTERS[k] for k in np.asarray(y).argmax(axis=-1))


def letters_of(x):
    """Steps of scaled letters as letters, "ABC" of one that has three; a dot is no letter."""
    numbers = np.rint(x * len(LETTERS)).astype(int)
    letters = np.array([*LETTERS, "."])[np.maximum(numbers, -1)]
    return [["".join(step) for step in sample] for sample in letters]


def print_answers(inputs, answers, right):
    """What came, what was answered, and in brackets what would have been right."""
    pairs = [
        f"{text} -> {a}" + ("" if a == b else f" [{b}]")
        for text, a, b in zip(inputs, answers, right, strict=True)
    ]
    width = max(map(len, pairs)) + 3
    for k in range(0, len(pairs), PAIRS_A_LINE):
        print("  " + "".join(pair.ljust(width) for pair in pairs[k : k + PAIRS_A_LINE]).rstrip())


def conclude(shown, text):
    """Print a conclusion where what was measured bears it; otherwise that it does not, yet."""
    print(
        text if shown else "\nNot enough is learned yet for a conclusion: this needs more epochs."
    )


def share(answers, right):
    """Share of right answers in %."""
    return 100 * sum(a == b for a, b in zip(answers, right, strict=True)) / len(right)
