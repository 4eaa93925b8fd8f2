"""What JSON takes of the memory is reckoned from its letters, and never more than that."""

import tracemalloc

import pytest

from tinylstm.files import bounded_json

MANY = range(1000, 23_000)  # just more than a table has had room for, which has grown by half
TEXTS = {
    "texts by name": "{" + ",".join(f'"{k}":"{k}"' for k in MANY) + "}",
    "tables in a table": "{" + ",".join(f'"{k}":{{"a{k}":{k}}}' for k in MANY) + "}",
    "tables in a list": "[" + ",".join(f'{{"{k}":{k}}}' for k in MANY) + "]",
    "nothing in tables": "[" + ",".join("{}" for _ in MANY) + "]",
    "lists in a list": "[" + ",".join(f"[{k}]" for k in MANY) + "]",
    "texts": "[" + ",".join(f'"{k}"' for k in MANY) + "]",
    "texts of far letters": "[" + ",".join(f'"{k}\U0001f600"' for k in MANY) + "]",
    "whole numbers": str([*MANY]),
    "fractions": str([k + 0.5 for k in MANY]),
    "escapes": '["' + "\\u0001" * len(MANY) + '"]',
    "halves of letters": '["' + "\\ud83d\\ude00" * len(MANY) + '"]',
}


@pytest.mark.parametrize("name", TEXTS)
def test_no_text_takes_more_than_what_is_reckoned_of_it(name):
    text = TEXTS[name]
    tracemalloc.start()
    try:
        bounded_json.parse(text, len(text))
        took = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert took <= bounded_json.cost(text)
