"""The benchmarks count right, take turns, keep results apart by run, and write what they found."""

import json

import numpy as np
import pytest

from tests.benchmarks import page, plots, rounds
from tests.benchmarks.arithmetic import multiply_adds
from tests.benchmarks.engines import ENGINES
from tests.benchmarks.engines import tinylstm as tinylstm_engine
from tests.benchmarks.figures import Figures, best_peer, ours, ratio
from tests.benchmarks.floor import updates
from tests.benchmarks.jobs import PARTS
from tests.benchmarks.large import LARGE, drawn
from tests.benchmarks.prediction import tinylstm as tinylstm_prediction
from tests.benchmarks.prediction.tasks import CLOSED_LOOP, SEQUENCE, STREAM, Task
from tests.benchmarks.rounds import Result, compare
from tests.benchmarks.workloads import WORKLOADS, Workload

AGREE = 1e-4
TASKS = [
    Task("stream", STREAM, 5, 3),
    Task("sequence", SEQUENCE, 5, 3, batch=4, steps=6),
    Task("loop", CLOSED_LOOP, 5, 3, outputs=3),
]
each_task = pytest.mark.parametrize("task", TASKS, ids=lambda task: task.way)


def answers(variants, first):
    """The first answer of every variant."""
    return {name: np.asarray(run(first)) for name, run in variants.items()}


# What is counted.


def test_multiply_adds_of_two_layers_and_dense_are_those_counted_by_hand():
    workload = drawn("two", (5, 6), batch=2, steps=3, features=4, outputs=7)
    below = 2 * (2 * 3 * 4 * 20) + 3 * (2 * 2 * 5 * 20)  # x @ W, dW; h @ U, dU, dz @ U.T
    above = 3 * (2 * 3 * 5 * 24) + 3 * (2 * 2 * 6 * 24)  # and dz @ W.T
    assert multiply_adds(workload) == below + above + 3 * (2 * 6 * 7)
    assert workload.gflop == pytest.approx(2e-9 * 6300)


def test_dense_at_each_step_counts_each_step():
    one = drawn("last", (5,), 2, 3, 4, 7)
    each = drawn("each", (5,), 2, 3, 4, 7, each_step=True)
    assert multiply_adds(each) - multiply_adds(one) == 2 * 3 * (2 * 5 * 7)


def test_a_carried_state_adds_the_products_of_the_first_step():
    one = WORKLOADS["letters-stateful"]  # 50 units, 26 letters, one step
    assert multiply_adds(one) == 2 * 1 * 200 + 2 * 50 * 200 + 3 * 50 * 26
    assert multiply_adds(WORKLOADS["letters-1"]) == 2 * 1 * 128 + 3 * 32 * 26


def test_u_learns_nothing_from_a_zero_state_alone():
    one, three = WORKLOADS["letters-1"], WORKLOADS["letters-3"]
    assert updates(three) - updates(one) == 32 * 128


def test_the_large_models_are_those_of_the_table():
    sizes = {name: (w.units, w.batch, w.X.shape[1:]) for name, w in made(LARGE).items()}
    assert sizes == {
        "char-128": ((128,), 32, (100, 64)),
        "stacked-256": ((256, 256), 32, (64, 256)),
        "wide-512": ((512,), 64, (100, 512)),
        "wide-1024": ((1024,), 32, (50, 256)),
    }


def made(jobs):
    """The jobs themselves."""
    return {name: make() for name, make in jobs.items()}


def test_every_job_has_a_part_and_its_engines_have_names():
    names = [name for part in PARTS.values() for name in part.jobs]
    assert len(names) == len(set(names))
    assert {name for part in PARTS.values() for name in part.engines} == set(ENGINES)


# Engines agree.


@pytest.mark.parametrize("each_step", [False, True])
@pytest.mark.parametrize("units", [(5,), (5, 5)])
def test_first_losses_of_the_engines_agree(units, each_step):
    workload = drawn("tiny", units, 3, 4, 6, 7, each_step)
    from tests.benchmarks.keras_model import train

    losses = answers(tinylstm_engine.train(workload) | train(workload), workload.first)
    assert np.ptp(list(losses.values())) < AGREE
    assert losses["fit"] != pytest.approx(np.log(7), abs=AGREE)  # that of even odds


@pytest.mark.parametrize("gflop", [0.0, 1.0])
@pytest.mark.parametrize("each_step", [False, True])
def test_first_losses_of_all_variants_of_pytorch_agree(each_step, gflop, monkeypatch):
    pytorch = pytest.importorskip("tests.benchmarks.engines.pytorch", exc_type=ImportError)
    monkeypatch.setattr(Workload, "gflop", gflop)
    workload = drawn("tiny", (5, 5), 3, 4, 6, 7, each_step)
    losses = answers(pytorch.train(workload), workload.first)
    assert len(losses) > 1
    expected = answers(tinylstm_engine.train(workload), workload.first)["fit"]
    np.testing.assert_allclose(list(losses.values()), expected, rtol=AGREE)


@each_task
@pytest.mark.parametrize("engine", ["engines.onnxruntime", "prediction.pytorch", "prediction.jax"])
def test_predictions_of_the_engines_agree(task, engine):
    module = pytest.importorskip(f"tests.benchmarks.{engine}", exc_type=ImportError)
    expected = next(iter(answers(tinylstm_prediction.predict(task), task.first).values()))
    found = answers(module.predict(task), task.first)
    assert len(found) > 1
    for name, answer in found.items():
        np.testing.assert_allclose(answer.reshape(expected.shape), expected, 0, AGREE, err_msg=name)
    assert np.abs(expected).max() > 10 * AGREE


# Turns.


class Pretended:
    """An engine whose worker is not needed: answers by request, times that grow by one."""

    def __init__(self, name, answer, log):
        self.name, self.answer, self.log = name, answer, log

    def ask(self, do, **arguments):
        """As `rounds.Engine`."""
        if do == "prepare":
            return self.answer
        self.log.append(self.name)
        return {"microseconds": float(len(self.log))}


def test_engines_take_turns_and_their_answers_are_compared():
    log = []
    ready = {"variant": "fit", "answer": 2.0}
    engines = [
        Pretended("tinylstm", ready, log),
        Pretended("keras_jax", {"declined": "ignores the state"}, log),
        Pretended("pytorch", ready | {"answer": 2.1}, log),
    ]
    results = compare(engines, "letters-1", 3, 0.1, lambda text: None)
    assert log == ["tinylstm", "pytorch"] * 3
    assert [r.engine for r in results] == ["tinylstm", "pytorch", "keras_jax"]
    assert results[0].times == [1, 3, 5]
    assert results[1].differs == pytest.approx(0.05)
    assert results[2].declined == "ignores the state"
    for wrong in (np.nan, np.inf):
        engines[2] = Pretended("pytorch", ready | {"answer": wrong}, log)
        assert compare(engines, "letters-1", 1, 0.1, lambda text: None)[1].differs == np.inf
    chaotic = compare(engines, "cosine-stacked", 1, 0.1, lambda text: None)
    assert [r.differs for r in chaotic] == [None] * 3
    assert not results[2].times


def test_a_worker_measures_and_says_which_variant():
    engine = rounds.Engine("tinylstm")
    try:
        (result,) = compare([engine], "letters-1", 2, 0.01, lambda text: None)
    finally:
        engine.close()
    assert engine.version.startswith("tinylstm ")
    assert (result.variant, len(result.times)) == ("fit", 2)
    assert 0 < min(result.times) <= result.median
    assert result.loss == pytest.approx(np.log(26), rel=0.1)


def test_an_engine_that_is_not_installed_says_so():
    engine = rounds.Engine("no_such_engine")
    engine.close()
    assert engine.version is None
    assert "no_such_engine" in engine.missing


# What is kept and written.


def result(engine, job, times, **more):
    """One engine's times on a job."""
    return Result(engine, job, f"title of {job}", 2.0, "fit", times=times, **more)


@pytest.fixture
def figures(tmp_path):
    """Made-up results: PyTorch is ahead on one of two large models."""
    found = Figures(tmp_path / "_static" / "performance" / "figures.json")
    found.begin({"tinylstm": "tinylstm 0", "pytorch": "PyTorch 0"})
    found.keep("product-2048", [result("numpy_blas", "product-2048", [10e3])])
    for job, mine in (("wide-512", 20e3), ("wide-1024", 40e3)):
        pair = [result("tinylstm", job, [mine, 1.1 * mine, 0.9 * mine])]
        pair.append(result("tinylstm_one_thread", job, [1.5 * mine]))
        pair.append(result("pytorch", job, [25e3, 26e3, 24e3], differs=1e-2))
        pair.append(result("keras_jax", job, [], declined="takes minutes to compile"))
        found.keep(job, pair)
    found.keep("letters-1", [result("tinylstm", "letters-1", [2.0]), result("pytorch", "x", [8.0])])
    found.data["floors"]["letters-1"] = 0.5
    for name, make in PARTS["growth"].jobs.items():
        found.keep(
            name, [result("tinylstm", name, [make().X.size]), result("pytorch", name, [9e4])]
        )
    starts = {"second start": [1.0, 1.1, 0.9]}
    kernels = [[2.5, 3.0, 1, "tinylstm.kernels.training.loop.run_batches"]]
    kernels += [[0.1, 0.1, 1, "tinylstm.kernels.training.loop.count"]] * 2
    found.keep_alone("starts", {"seconds": starts, "kernels": kernels})
    loop = {"steps alone": [1.0, 2.0, 3.0], "value": [1.2, 2.4, 3.9]}
    found.keep_alone("generation", {"microseconds": {"a model": loop}})
    return found


def test_ratios_are_to_the_best_peer(figures):
    results = figures.of("wide-512")
    assert (ours(results).engine, best_peer(results).engine) == ("tinylstm", "pytorch")
    assert ratio(results) == pytest.approx(0.8)
    assert figures.product_speed() == pytest.approx(200)


def test_the_page_says_what_was_measured(figures, tmp_path):
    target = tmp_path / "performance.md"
    page.write(figures, target)
    text = target.read_text(encoding="utf-8")
    assert "| title of wide-512 | **20.0** (18.0-22.0) |" in text
    assert "25.0 (24.0-26.0) †" in text  # another answer
    assert "(takes minutes to compile)" in text
    assert "| title of wide-512 | 0.80 | PyTorch | 100 | 80 | 50.0% | 40.0% |" in text
    assert "| title of wide-1024 | 1.60 | **PyTorch is ahead** | 50 | 80 | 25.0% | 40.0% |" in text
    assert "| geometric mean of 2 | 1.13 |" in text
    assert "- title of wide-1024: PyTorch, by 60%" in text
    assert "| title of wide-512 | 30.0 | 20.0 | 1.50 |" in text  # one thread and two
    assert "| 0.50 | 4.0 |" in text  # the arithmetic alone, and tinylstm over it
    assert "| second start | 1.00 | 0.90 | 1.10 | 1.2 |" in text
    assert "| `training.loop.run_batches` | 2.50 | 3.00 |" in text
    assert "| 2 more, each under 0.2 s | 0.20 |  |" in text
    assert f"- {figures.run} for 0.0 minutes" in text
    assert "| a model | 2.00 | 2.40 (1.20) |" in text
    for name in ("gflops", "growth"):
        assert f"_static/performance/{name}.png" in text
        assert (tmp_path / "_static" / "performance" / f"{name}.png").stat().st_size > 10_000


def test_what_is_by_hand_stays(figures, tmp_path):
    target = tmp_path / "performance.md"
    page.write(figures, target)
    text = target.read_text(encoding="utf-8")
    assert page.NOTHING_YET in text
    target.write_text(text.replace(page.NOTHING_YET, "## Slow\n\nBecause."), encoding="utf-8")
    page.write(figures, target)
    assert target.read_text(encoding="utf-8") == text.replace(
        page.NOTHING_YET, "## Slow\n\nBecause."
    )


def test_a_job_measured_again_is_marked_unless_all_its_engines_were(figures, monkeypatch):
    again = Figures(figures.file)
    monkeypatch.setattr("tests.benchmarks.figures.now", lambda: "another day")
    again.begin({"tinylstm": "tinylstm 1"})
    again.keep("wide-512", [result("tinylstm", "wide-512", [10e3])])
    text = page.text(Figures(figures.file), set(), "")
    assert "| title of wide-512 ‡ | **10.0** (10.0-10.0) | " in text
    assert "| title of wide-1024 | " in text
    assert set(json.loads(figures.file.read_text())["runs"]) == {figures.run, "another day"}


def test_readme_gets_the_table_of_the_small_models(figures):
    text = f"# A\n\n{page.MEASURED[0]}\n\nold\n\n{page.MEASURED[1]}\n\nmore\n"
    new = page.readme(figures, text)
    assert "| title of letters-1 | 2.00 | 8.00 |" in new
    assert "old" not in new
    assert new.startswith("# A\n")
    assert new.endswith("\n\nmore\n")
    assert page.readme(figures, new) == new


def test_the_committed_page_is_what_the_results_say():
    figures = Figures(page.results_of(page.PAGE))
    text = page.PAGE.read_text(encoding="utf-8")
    drawn = {name for name in plots.PLOTS if f"{name}.png" in text}
    assert page.text(figures, drawn, page.between(text, page.BY_HAND)) == text
    readme = page.README.read_text(encoding="utf-8")
    assert page.readme(figures, readme) == readme
