"""Figures of a script on a machine without a display are saved beside it."""

import pytest

from tests.old_scripts import run_process, run_text
from tinylstm.legacy import figures
from tinylstm.legacy.figures import BACKEND


@pytest.fixture
def plots(tmp_path):
    """Runs a script that has plotted something, with the backend for machines without a display."""
    import matplotlib.pyplot as plt

    def run(text):
        head = (
            f"import matplotlib.pyplot as plt\nplt.switch_backend({BACKEND!r})\nplt.plot([1, 2])\n"
        )
        return run_text(tmp_path, f"{head}{text}\n", name="plots.py")

    before = plt.get_backend()
    yield run
    plt.close("all")
    plt.ioff()
    plt.switch_backend(before)


def saved_lines(folder, count):
    """What is said of so many figures."""
    return [f"Figure {k} is saved: {folder / f'plots_figure_{k}.png'}" for k in range(1, count + 1)]


def test_show_saves_and_closes_the_figures_and_counts_on(tmp_path, plots):
    ran = plots("plt.figure()\nplt.show()\nplt.plot([3])\nplt.show()\nplt.show()")
    assert ran.err.splitlines() == saved_lines(tmp_path, 3)
    assert len(list(tmp_path.glob("*.png"))) == 3


def test_a_figure_that_was_never_shown_is_not_saved(tmp_path, plots):
    assert plots("plt.savefig('/dev/null', format='png')") == (0, "", "")
    assert list(tmp_path.glob("*.png")) == []


@pytest.mark.parametrize(
    "show",
    ["plt.pause(0.01)", "plt.show(block=False)", "plt.ion(); plt.show()", "plt.gcf().show()"],
)
def test_what_does_not_wait_goes_on_with_the_figure_and_the_end_saves_it(tmp_path, plots, show):
    ran = plots(f"{show}\n{show}\nprint(plt.get_fignums())")
    assert (ran.status, ran.out) == (0, "[1]\n")
    assert ran.err.splitlines() == saved_lines(tmp_path, 1)


def test_figures_of_a_folder_that_cannot_be_written_to_go_elsewhere(tmp_path, plots, monkeypatch):
    monkeypatch.setattr(figures.os, "access", lambda path, mode: path != tmp_path)
    monkeypatch.setattr(figures.tempfile, "gettempdir", lambda: str(tmp_path / "other"))
    (tmp_path / "other").mkdir()
    assert plots("plt.show()").err.splitlines() == saved_lines(tmp_path / "other", 1)


@pytest.mark.parametrize(
    ("variables", "toolkits", "shown"),
    [
        ({}, {"PyQt6"}, False),
        ({"DISPLAY": ":0"}, {"PyQt6"}, True),
        ({"WAYLAND_DISPLAY": "wayland-0"}, {"gi"}, True),
        ({"DISPLAY": ":0"}, set(), False),
    ],
)
def test_a_window_needs_a_display_and_a_toolkit(monkeypatch, variables, toolkits, shown):
    monkeypatch.setattr(figures.sys, "platform", "linux")
    monkeypatch.setattr(figures.os, "environ", variables)
    monkeypatch.setattr(figures, "find_spec", lambda name: name in toolkits or None)
    assert figures.has_display() == shown
    figures.choose_backend()
    assert variables.get("MPLBACKEND") == (None if shown else BACKEND)


def test_a_backend_that_the_user_chose_stays(tmp_path):
    text = "import matplotlib.pyplot as plt\nplt.plot([1])\nprint(plt.get_backend())\n"
    (tmp_path / "plots.py").write_text(text)
    ran = run_process(tmp_path / "plots.py", MPLBACKEND="svg")
    assert ran == (0, "svg\n", "")
