"""The demos: what each one prints and measures, and the ways to run them."""

import contextlib
import importlib
import io
import os
import re
import signal
import subprocess
import sys
import time

import numpy as np
import pytest
from click.testing import CliRunner
from matplotlib.figure import Figure
from tinylstm.demos import DEMOS, modes
from tinylstm.demos.figures import strips
from tinylstm.demos.letters import LETTERS

import tinylstm
from tests.documents import NOTEBOOKS, ROOT
from tests.plotting.seen import assert_readable
from tests.processes import PATIENCE, heard
from tinylstm import plotting
from tinylstm.__main__ import main
from tinylstm.commands.results import BEGIN, END

FEW = "2"  # epochs, where it does not matter what is learned
LINES = 105
WORDS = {  # what each demo says, however little it was trained
    "letter": "Model Accuracy: ",
    "features": "ABC -> ",
    "steps": "ABC -> ",
    "one-batch": "25 are the same bit for bit when each letter comes alone, and 25 when",
    "stateful": "Warmed up with A .. J, then K:",
    "variable-length": "114 different pieces are 110 different inputs",
    "cosine-stateless": "On its own answers: RMSE ",
    "cosine-stateful": "Each window repeats 39 of the 40 values of the one before",
    "cosine-stacked": "On its own answers: RMSE ",
    "modes": "stateless                25          25",
    "cosine-right": "40 values, stride 40",
    "masking": "114 different pieces are 110 different inputs when padded with 0",
    "warm-up": "after all before it",
}


NOT_YET = "Not enough is learned yet for a conclusion"
CONCLUSIONS = {  # only where the numbers bear them, and what stands in their place
    "stateful": ("Why: a zero state", NOT_YET),
    "one-batch": ("are enough to learn", "are not yet enough to learn"),
    "modes": ("tells equal letters apart", NOT_YET),
    "warm-up": ("neither knows K by itself", NOT_YET),
}


def run(*arguments):
    """The command ``demo`` in this process."""
    return CliRunner().invoke(main, ["demo", *map(str, arguments)])


def run_apart(*arguments):
    """The same in a process of its own, which starts others; what it printed."""
    command = [sys.executable, "-m", "tinylstm", "demo", *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT)
    assert done.returncode == 0, done.stderr
    return done.stdout


def module_of(name):
    """The module of a demo."""
    return importlib.import_module(f"tinylstm.demos.{name.replace('-', '_')}")


def numbers_of(name, **options):
    """What a demo measures, from seed 7."""
    tinylstm.set_random_seed(7)
    return module_of(name).main(verbose=0, **options)


def test_every_demo_is_tested():
    assert list(WORDS) == list(DEMOS)


@pytest.mark.parametrize("name", DEMOS)
def test_a_demo_says_what_it_found(name):
    result = run(name, "--epochs", FEW)
    assert result.exit_code == 0, result.output
    assert WORDS[name] in result.stdout


@pytest.mark.parametrize("name", DEMOS)
def test_a_demo_is_a_short_script_in_the_order_data_model_train_show(name):
    text = (ROOT / "demos" / f"{name.replace('-', '_')}.py").read_text(encoding="utf-8")
    assert text.count("\n") < LINES
    parts = [text.find(f"\ndef {part}") for part in ("data(", "build(", "train(", "show", "main(")]
    own = [place for place in parts if place >= 0]  # the others are those of another demo
    assert own == sorted(own)
    assert all(callable(getattr(module_of(name), part)) for part in ("data", "build", "train"))


@pytest.mark.parametrize("name", DEMOS)
def test_a_demo_measures_what_its_table_says_was_published(name, capsys):
    assert set(DEMOS[name].published) <= set(numbers_of(name, epochs=2))


@pytest.mark.parametrize(
    ("name", "bands"),
    {
        "letter": {"accuracy (%)": (72, 96)},
        "features": {"accuracy (%)": (74, 96)},
        "steps": {"accuracy (%)": (91, 100)},
        "one-batch": {"accuracy (%)": (100, 100)},
        "stateful": {"accuracy, 50 units (%)": (100, 100), "accuracy, 16 units (%)": (96, 100)},
    }.items(),
)
def test_the_alphabet_ends_where_keras_does(name, bands, capsys):
    numbers = numbers_of(name)
    assert set(bands) <= set(numbers)
    for measure, (low, high) in bands.items():
        assert low <= numbers[measure] <= high


@pytest.mark.parametrize("name", CONCLUSIONS)
def test_a_conclusion_is_printed_only_where_the_numbers_bear_it(name):
    conclusion, instead = CONCLUSIONS[name]
    early, late = run(name, "--epochs", 4).stdout, run(name).stdout
    assert conclusion not in early
    assert instead in early
    assert conclusion in late
    assert instead not in late


def test_only_a_state_that_arrives_tells_equal_letters_apart(capsys):
    numbers = numbers_of("modes")
    assert numbers["stateless: same one by one"] == numbers["stateless: same shuffled"] == 25
    assert numbers["stateful: same shuffled"] == 25
    assert numbers["stateful: same one by one"] == 1  # A, which starts from zeros in both
    assert numbers["batch_carried: same one by one"] == 1
    right = {key: value for key, value in numbers.items() if key.endswith("accuracy (%)")}
    knowing = {"stateful, one letter a batch", "batch_carried, all in one batch"}
    assert {key.partition(":")[0] for key, value in right.items() if value == 100} == knowing
    assert max(value for value in right.values() if value < 100) <= 60


def test_windows_that_follow_each_other_keep_to_the_wave_longest(capsys):
    numbers = numbers_of("cosine-right")
    kept = {key.partition(":")[0]: value for key, value in numbers.items() if "steps" in key}
    assert kept.pop("40 values, stride 40") >= 100
    assert max(kept.values()) < 50


def test_padding_changes_no_bit_of_an_answer_wherever_it_stands(capsys):
    numbers = numbers_of("masking", epochs=3)
    same = [value for key, value in numbers.items() if key.startswith("same bits")]
    assert same == [114, 114, 114]
    said = capsys.readouterr().out
    rows = [line.split() for line in said.splitlines() if " within " in line]
    assert len(rows) == 3
    assert all(float(error) < 1e-5 and at_padding == "0" for *_, error, at_padding in rows)


def test_the_letters_before_k_make_the_answer_in_a_state_and_in_a_sample(capsys):
    numbers = numbers_of("warm-up")
    warm, cold = (
        [value for key, value in numbers.items() if word in key] for word in ("warm", "cold")
    )
    assert min(warm) >= 90
    assert max(cold) <= 20


def test_the_gates_of_keras_2_are_another_model(capsys):
    module = module_of("letter")
    assert module.build("hard_sigmoid_keras2").layers[0].recurrent_activation != "sigmoid"
    result = run("letter", "--epochs", FEW, "--gates", "hard_sigmoid")
    assert result.exit_code == 0
    assert result.stdout != run("letter", "--epochs", FEW).stdout
    refused = run("letter", "--gates", "hard_sigmoids")
    assert refused.exit_code == 2
    assert "--list" not in refused.stderr  # which shows demos
    assert "Did you mean 'hard_sigmoid'?" in refused.stderr


def test_the_list_has_a_line_for_each_demo_with_its_seconds():
    result = run("--list")
    lines = result.stdout.splitlines()
    assert result.exit_code == 0
    assert [line.split()[0] for line in lines] == list(DEMOS)
    for line, demo in zip(lines, DEMOS.values(), strict=True):
        assert demo.shows in line
        assert line.endswith(f"{demo.seconds:g} s")
        assert all(value in line for value in demo.published.values())


def test_an_unknown_demo_is_refused_with_the_nearest_name():
    result = run("cosine-rigth")
    assert result.exit_code == 2
    assert "Did you mean 'cosine-right'?" in result.stderr


def test_a_demo_without_a_name_is_refused_with_the_way_to_the_names():
    result = run()
    assert result.exit_code == 2
    assert "Missing argument 'NAME'. --list shows what each demo is." in result.stderr


@pytest.mark.parametrize("number", ["E4", "e4"])
def test_a_number_of_the_tutorials_is_a_name(number):
    assert DEMOS["one-batch"].number == "E4"
    assert run(number, "--epochs", FEW).stdout == run("one-batch", "--epochs", FEW).stdout


def test_the_experiments_are_numbered_in_order():
    numbers = [demo.number for demo in DEMOS.values() if demo.number]
    assert numbers == [f"E{k}" for k in range(1, 10)]


def test_seeds_give_a_distribution_beside_the_published_number():
    said = run_apart("letter", "--seeds", 2, "--epochs", 30, "--seed", 3)
    assert "2 seeds, 3 to 4" in said
    (line,) = (line for line in said.splitlines() if "84.00, 80.00" in line)
    lowest, *_, highest = map(float, line.split()[-5:])
    alone = []
    for seed in (3, 4):
        said = run("letter", "--epochs", 30, "--seed", seed).stdout
        alone.append(float(said.split("Model Accuracy: ")[1].split("%")[0]))
    assert [lowest, highest] == sorted(alone)


def test_the_figure_of_several_seeds_is_named_with_its_seed(tmp_path):
    path = tmp_path / "of.png"
    said = run_apart("letter", "--seeds", 2, "--epochs", 1, "--plot", path)
    assert said.count("Figure: ") == 1
    assert f"Figure: {path} (seed 7)" in said
    assert path.read_bytes().startswith(b"\x89PNG")


def test_one_seed_is_counted_as_one():
    said = run_apart("letter", "--seeds", 1, "--epochs", 1)
    assert "\n1 seed, 7\n" in said


def test_the_figure_of_the_cosine_has_each_way_of_training():
    module = module_of("cosine-right")
    drawn = module.draw({way: module.build() for way in module.EPOCHS})
    titles = [ax.get_title() for ax in drawn.axes]
    assert len(titles) == len(module.EPOCHS)
    assert all(way in title for way, title in zip(module.EPOCHS, titles, strict=True))


def test_all_demos_come_in_order_each_with_a_figure(tmp_path):
    said = run_apart("all", "--epochs", 1, "--plot", tmp_path / "of.png")
    places = [said.index(demo.title(name)) for name, demo in DEMOS.items()]
    assert places == sorted(places)
    assert {path.name for path in tmp_path.iterdir()} == {f"of-{name}.png" for name in DEMOS}
    assert all(path.read_bytes().startswith(b"\x89PNG") for path in tmp_path.iterdir())


def test_a_page_of_results_is_written_between_its_marks(tmp_path):
    page = tmp_path / "page.md"
    page.write_text(f"before\n{BEGIN}old\n{END}after\n", encoding="utf-8")
    run_apart("steps", "--seeds", 2, "--epochs", 1, "--results", page)
    text = page.read_text(encoding="utf-8")
    assert text.startswith(f"before\n{BEGIN}")
    assert text.endswith(f"{END}after\n")
    assert "old" not in text
    assert "| E3 `steps` | accuracy (%) | 100.00 |" in text
    assert "2 seeds, 7 to 8; tinylstm" in text


@pytest.mark.parametrize("text", [None, "no marks\n", f"{END}{BEGIN}"])
def test_a_page_without_marks_is_refused_before_anything_runs(tmp_path, text):
    page = tmp_path / "page.md"
    if text is not None:
        page.write_text(text, encoding="utf-8")
    result = run("all", "--seeds", 2, "--results", page)
    assert result.exit_code == 2
    assert "has no place for the results" in result.stderr


@pytest.mark.parametrize("name", ["figure.wave", "figure", "nowhere/figure.png"])
def test_a_figure_that_cannot_be_saved_is_refused_before_anything_runs(tmp_path, name):
    result = run("letter", "--plot", tmp_path / name)
    assert result.exit_code == 2
    assert "Model Accuracy" not in result.output
    assert "no folder" in result.stderr if "/" in name else "no kind of figure" in result.stderr


def test_a_figure_in_a_folder_of_others_is_refused_before_anything_runs(tmp_path, monkeypatch):
    monkeypatch.setattr("os.access", lambda path, way: path != tmp_path)
    result = run("letter", "--plot", tmp_path / "figure.png")
    assert result.exit_code == 2
    assert "nothing can be written" in result.stderr
    assert "Model Accuracy" not in result.output


@pytest.mark.parametrize("name", DEMOS)
def test_the_figure_of_a_demo_has_a_title_and_no_words_that_overlap(name, monkeypatch, tmp_path):
    drawn = []
    monkeypatch.setattr(Figure, "savefig", lambda figure, path: drawn.append(figure))
    with contextlib.redirect_stdout(io.StringIO()):
        module_of(name).main(epochs=1, plot=tmp_path / "figure.png", verbose=0)
    (figure,) = drawn
    assert (figure.get_suptitle() or figure.axes[0].get_title()).startswith(f"{name}: ")
    assert_readable(figure)


@pytest.mark.parametrize("name", sorted({*plotting.__all__} - {"StateRecorder", "training_curves"}))
def test_every_figure_is_that_of_a_demo_and_in_a_tutorial(name):
    demos = [path.read_text(encoding="utf-8") for path in (ROOT / "demos").glob("*.py")]
    imported = re.compile(rf"^from tinylstm\.plotting import .*\b{name}\b", re.MULTILINE)
    assert any(map(imported.search, demos))
    tutorials = [path for path in NOTEBOOKS if path.parent.name == "tutorials"]
    assert any(f"plotting.{name}(" in path.read_text(encoding="utf-8") for path in tutorials)


def test_answers_stand_below_the_letters_that_they_answer():
    header, *rows = run("warm-up", "--epochs", FEW).stdout.splitlines()[:5]
    assert header[31:56] == LETTERS[:25]
    assert all(row[31:56].isupper() and row[30] == row[56] == " " for row in rows)


def test_the_map_from_letters_to_letters_is_what_the_model_answers():
    module = module_of("letter")
    (x, y), model = module.data(), module.build()
    panel = module.draw(model, x, y).axes[0]
    np.testing.assert_array_equal(panel.images[0].get_array(), model.predict(x, batch_size=1))
    assert panel.images[0].get_clim() == (0, 1)
    rings = panel.collections[0].get_offsets()
    np.testing.assert_array_equal(rings, [(k + 1, k) for k in range(25)])


def test_strips_that_are_compared_have_the_same_colours():
    x, _ = modes.data()
    figure = strips({mode: modes.build(mode) for mode in modes.MODES}, x[:6], 3, modes.TEXT)
    drawn = [panel.collections[0] for panel in figure.axes[:3]]
    assert {boxes.get_clim() for boxes in drawn} == {
        (0, max(boxes.get_array().max() for boxes in drawn))
    }


def test_a_figure_without_matplotlib_is_refused_in_a_sentence(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    result = run("letter", "--plot", tmp_path / "figure.png")
    assert result.exit_code == 1
    assert 'pip install -e ".[plot]"' in result.stderr
    assert "Traceback" not in result.output


def stopped(arguments, signs):
    """Run the command until its standard error shows a sign, press Ctrl-C; returns what it said."""
    command = [sys.executable, "-m", "tinylstm", "demo", *map(str, arguments)]
    pipe = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "start_new_session": True}
    process = subprocess.Popen(command, env={**os.environ}, **pipe)
    seen = heard(process, *signs)
    time.sleep(0.2)
    os.killpg(process.pid, signal.SIGINT)  # as a terminal does: to all processes at once
    out, rest = process.communicate(timeout=PATIENCE)
    assert process.returncode == 130
    assert b"Traceback" not in seen + rest
    assert b"Stopped." in rest
    return out.decode()


posix = pytest.mark.skipif(sys.platform == "win32", reason="signals")


@posix
@pytest.mark.usefixtures("ctrl_c_is_heard")
def test_ctrl_c_keeps_the_figure_of_the_training_so_far(tmp_path):
    path = tmp_path / "figure.png"
    stopped(["letter", "--epochs", 10_000_000, "--plot", path], [b"Epoch 2", b"Epoch 3"])
    assert path.read_bytes().startswith(b"\x89PNG")


@posix
@pytest.mark.usefixtures("ctrl_c_is_heard")
def test_ctrl_c_prints_the_seeds_that_are_finished():
    out = stopped(["cosine-stateless", "--seeds", 500], [b"/500 runs"])
    assert "cosine-stateless" in out
    assert re.search(r"[1-9]\d* seeds?, \d", out)
    assert "RMSE (wave 0..1)" in out
