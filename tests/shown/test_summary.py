"""The summary: its columns hold whatever the names are, and it says what is not known yet."""

import pytest

from tinylstm import LSTM, Dense, Dropout, Sequential

LONG = "reads_" * 30

TABLE = """
Model: "sequential"
__________________________________________________
Layer (type)       Output Shape  Param #  State
==================================================
reader (LSTM)      (5, None, 4)      112  stateful
dropout (Dropout)  (5, None, 4)        0  -
lstm (LSTM)        (5, 3)             96  stateful
dense (Dense)      (5, 2)              8  -
==================================================
Total params: 216 (864.00 B)
Trainable params: 120 (480.00 B)
Non-trainable params: 96 (384.00 B)
__________________________________________________
"""


def stack(name="reader", **lstm):
    return Sequential(
        [
            LSTM(4, name=name, return_sequences=True, stateful=True, **lstm),
            Dropout(0.5),
            LSTM(3, stateful=True, trainable=False),
            Dense(2),
        ]
    )


def lines_of(model, *args, **options):
    lines = []
    model.summary(*args, print_fn=lines.append, **options)
    return lines


def test_the_table_has_pinned_batch_sizes_free_steps_state_modes_and_totals(capsys):
    model = stack(batch_input_shape=(5, None, 2))
    assert lines_of(model) == TABLE.strip().splitlines()
    assert capsys.readouterr().out == ""
    model.summary()
    assert capsys.readouterr().out == TABLE.lstrip()


def test_memory_is_that_of_the_dtype_in_the_unit_that_suits_it():
    model = Sequential([Dense(1024, input_shape=(1023,))], dtype="float64")
    assert lines_of(model)[-4] == "Total params: 1,048,576 (8.00 MB)"
    assert lines_of(model)[-2] == "Non-trainable params: 0 (0.00 B)"


@pytest.mark.parametrize("length", [None, 1, 50, 70, 100, 133])
@pytest.mark.parametrize("name", ["r", LONG, "two words"])
def test_columns_hold_and_lines_are_as_long_as_asked_for(name, length):
    model = stack(name, batch_input_shape=(5, None, 2))
    lines = lines_of(model, length)
    width = len(lines[1])
    assert max(map(len, lines[1:])) == width
    if length is None:
        assert width <= 100
    else:
        assert width == max(length, width if length < 50 else 0)
    table = lines[2 : lines.index("=" * width, 4)]
    shapes = table[0].index("Output Shape")
    (state,) = (line.index("State") for line in table[:1])
    for line in table[2:]:
        assert line[shapes - 2 : shapes].isspace() or len(line) < shapes
        assert line[state - 2 : state].isspace() or len(line) < shapes
    names = "".join(line[: shapes - 2].strip() for line in table[2:])
    expected = f"{name} (LSTM) dropout (Dropout) lstm (LSTM) dense (Dense)"
    assert names.replace(" ", "") == expected.replace(" ", "")


def test_an_unbuilt_model_says_how_its_shapes_become_known():
    deferred = stack()
    lines = lines_of(deferred)
    assert not deferred.built
    assert [line.split() for line in lines[4:8]] == [
        ["reader", "(LSTM)", "?", "?", "stateful"],
        ["dropout", "(Dropout)", "?", "?", "-"],
        ["lstm", "(LSTM)", "?", "?", "stateful"],
        ["dense", "(Dense)", "?", "?", "-"],
    ]
    sentence = " ".join(lines[9:-1])
    assert "call model.build(shape)" in sentence
    deferred.build((5, None, 2))
    assert lines_of(deferred) == TABLE.strip().splitlines()
    assert "There are no layers yet" in " ".join(lines_of(Sequential()))


def test_a_line_length_is_a_whole_number():
    with pytest.raises(ValueError, match="line_length must be a whole number"):
        stack().summary("wide")
